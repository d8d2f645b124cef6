// What a download asks for, as `submit` takes it.

import APITypes
import ArgumentParser
import Datasets
import Posix

/// The members of a request as options.
struct RequestOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The exchange, such as binance.", valueName: "name"))
    var exchange: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "One or more symbols, such as BTC-USDT ETH-USDT or BTC-USDT,ETH-USDT.",
            valueName: "symbol"))
    var symbols: [String]

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The first day: YYYY-MM-DD, today, yesterday or -7d, in UTC.", valueName: "day"),
        completion: RequestOptions.days)
    var startDate: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The last day, written likewise; it is part of the download.", valueName: "day"),
        completion: RequestOptions.days)
    var endDate: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "One or more kinds of data: trades, quotes, incremental_book_L2 … (default: trades).",
            valueName: "type"),
        completion: RequestOptions.dataTypes)
    var dataTypes: [String] = []

    @Option(
        help: ArgumentHelp(
            "A folder in the service's data folder (default: that folder itself).",
            valueName: "path"))
    var outputPath: String?

    static let dataTypes = CompletionKind.list(DataType.allCases.map(\.name))
    static let days = CompletionKind.list(["today", "yesterday", "-7d"])

    /// The request as the service takes it.
    ///
    /// - Throws: ``UsageMistake``
    func request() throws(UsageMistake) -> SubmitRequest {
        try RequestOptions.request(
            exchange: exchange, symbols: symbols, startDate: startDate, endDate: endDate,
            dataTypes: dataTypes, outputPath: outputPath)
    }

    /// A request with the predecessor's defaults for what was left out.
    ///
    /// - Parameter today: the day it is in UTC.
    /// - Throws: ``UsageMistake``
    static func request(
        exchange: String, symbols: [String], startDate: String, endDate: String,
        dataTypes: [String], outputPath: String?,
        today: Day = Timestamp(microseconds: WallClock.microseconds).day
    ) throws(UsageMistake) -> SubmitRequest {
        let types = ValueList.elements(of: dataTypes)
        return SubmitRequest(
            exchange: exchange, symbols: ValueList.elements(of: symbols),
            startDate: try DayText.date(startDate, option: "--start-date", today: today),
            endDate: try DayText.date(endDate, option: "--end-date", today: today),
            dataTypes: types.isEmpty ? ["trades"] : types,
            outputPath: outputPath.flatMap { $0.isEmpty ? nil : $0 })
    }
}
