// What a submission asks for and how: the members of a request as options.

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

/// Days as people write them: dates, and days counted from today in UTC.
enum DayText {
    /// A hundred years: a bound that keeps every number a valid date.
    private static let daysMax = 36_500

    /// `YYYY-MM-DD` for `today`, `yesterday`, `-7d` (seven days before today) and `-2w`. Any other
    /// text stays as it is: the service says what is wrong with it.
    ///
    /// - Parameters:
    ///   - written: the text.
    ///   - option: where the text was written, such as `--start-date`.
    ///   - today: the day it is in UTC.
    /// - Throws: ``UsageMistake`` for a text that begins with a dash and is none of these.
    static func date(
        _ written: String, option: String, today: Day
    ) throws(UsageMistake) -> String {
        // Word processors make longer dashes of a hyphen.
        let isDash = written.first.map("–—−".contains) ?? false
        let text = isDash ? "-" + written.dropFirst() : written
        switch text.lowercased() {
        case "today", "now": return "\(today)"
        case "yesterday": return "\(today.advanced(by: -1))"
        case "tomorrow": return "\(today.advanced(by: 1))"
        default: break
        }
        guard text.hasPrefix("-") else { return text }
        let unit: [Character: Int] = ["d": 1, "D": 1, "w": 7, "W": 7]
        guard let days = text.last.flatMap({ unit[$0] }),
            let count = Int(text.dropFirst().dropLast()), (0...daysMax / days).contains(count)
        else {
            throw UsageMistake(
                message: "\(option) takes YYYY-MM-DD, today, yesterday, or days before today such "
                    + "as -7d, all in UTC; not \(TextFormat.quoted(text))")
        }
        return "\(today.advanced(by: -count * days))"
    }
}

/// Priority, duplicates, retention and key of a submission.
struct SubmissionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "0 to 9, higher is sooner; above 5 for administrators (default: 5).",
            valueName: "number"))
    var priority: Int?

    @Flag(help: "Make a new job even if the same one of yours is in progress.")
    var force = false

    @Flag(help: "Keep the record of the job without an age limit.")
    var pin = false

    @Option(
        help: ArgumentHelp(
            """
            The same key with the same request makes one job, within 24 hours (default: a new \
            random one).
            """, valueName: "key"))
    var idempotencyKey: String?

    func validate() throws {
        if let priority, !(0...9).contains(priority) {
            throw ValidationError("--priority takes a number from 0 to 9")
        }
    }

    /// The request with these options.
    func added(to request: SubmitRequest) -> SubmitRequest {
        var request = request
        request.priority = priority
        request.force = force ? true : nil
        request.pinned = pin ? true : nil
        return request
    }
}
