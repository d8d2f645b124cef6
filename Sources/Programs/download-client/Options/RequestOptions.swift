// What a download asks for, as `submit` takes it.

import APITypes
import ArgumentParser

/// The members of a request as options.
struct RequestOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The exchange, such as binance.", valueName: "name"))
    var exchange: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("One or more symbols, such as BTC-USDT ETH-USDT.", valueName: "symbol"))
    var symbols: [String]

    @Option(help: ArgumentHelp("The first day, YYYY-MM-DD.", valueName: "day"))
    var startDate: String

    @Option(help: ArgumentHelp("The last day, YYYY-MM-DD; it is part of it.", valueName: "day"))
    var endDate: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "One or more kinds of data: trades, quotes, incremental_book_L2 … (default: trades).",
            valueName: "type"))
    var dataTypes: [String] = []

    @Option(
        help: ArgumentHelp(
            "A folder in the service's data folder (default: that folder itself).",
            valueName: "path"))
    var outputPath: String?

    /// The request as the service takes it.
    var request: SubmitRequest {
        RequestOptions.request(
            exchange: exchange, symbols: symbols, startDate: startDate, endDate: endDate,
            dataTypes: dataTypes, outputPath: outputPath)
    }

    /// A request with the predecessor's defaults for what was left out.
    static func request(
        exchange: String, symbols: [String], startDate: String, endDate: String,
        dataTypes: [String], outputPath: String?
    ) -> SubmitRequest {
        SubmitRequest(
            exchange: exchange, symbols: symbols, startDate: startDate, endDate: endDate,
            dataTypes: dataTypes.isEmpty ? ["trades"] : dataTypes,
            outputPath: outputPath.flatMap { $0.isEmpty ? nil : $0 })
    }
}
