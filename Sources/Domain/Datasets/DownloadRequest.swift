// A request for datasets: as written, as validated, and what can be wrong with it.

/// A request as it was written, and where its files go.
package struct RawRequest: Hashable, Sendable {
    /// `nil`, here and below, where the member is missing or no text, which its reader reports.
    package var exchange: String?
    package var symbols: [String]?
    package var dataTypes: [String]?
    package var startDate: String?
    package var endDate: String?
    /// See ``DownloadRequest/outputPath``; already checked.
    package var outputPath: String
    /// See ``DownloadRequest/createdBy``; already checked.
    package var createdBy: String

    package init(
        exchange: String? = nil, symbols: [String]? = nil, dataTypes: [String]? = nil,
        startDate: String? = nil, endDate: String? = nil, outputPath: String = "",
        createdBy: String = ""
    ) {
        self.exchange = exchange
        self.symbols = symbols
        self.dataTypes = dataTypes
        self.startDate = startDate
        self.endDate = endDate
        self.outputPath = outputPath
        self.createdBy = createdBy
    }
}

/// A request that may become a job: every part of it was checked as far as possible.
package struct DownloadRequest: Hashable, Sendable {
    package var exchange: String
    /// Each once, in the order asked for.
    package var dataTypes: [DataType]
    /// The datasets' own spellings, each once, in the order asked for.
    package var symbols: [String]
    /// The first and the last day, both inclusive.
    package var days: ClosedRange<Day>
    /// The folder at or below the data root, as its owner knows it: `./datasets/btc`.
    package var outputPath: String
    package var createdBy: String
    /// Where the request differs from what was written: `BTC-USDT is BTCUSDT on binance`.
    package var notes: [String]

    package init(
        exchange: String, dataTypes: [DataType], symbols: [String], days: ClosedRange<Day>,
        outputPath: String, createdBy: String, notes: [String] = []
    ) {
        self.exchange = exchange
        self.dataTypes = dataTypes
        self.symbols = symbols
        self.days = days
        self.outputPath = outputPath
        self.createdBy = createdBy
        self.notes = notes
    }

    /// How many files it asks for: one per symbol, kind and day.
    package var fileCount: Int { symbols.count * dataTypes.count * days.count }
}

/// One reason why a request cannot be carried out.
package struct ValidationIssue: Error, Hashable, Sendable {
    /// The members of a request, by their names on the wire.
    package enum Member: String, Hashable, Sendable {
        case exchange
        case symbols
        case dataTypes = "data_types"
        case startDate = "start_date"
        case endDate = "end_date"
    }

    /// The kinds of issue, by stable names.
    package enum Code: String, Hashable, Sendable {
        case emptyList = "empty_list"
        case malformedExchange = "malformed_exchange"
        case unknownExchange = "unknown_exchange"
        case malformedSymbol = "malformed_symbol"
        case unknownSymbol = "unknown_symbol"
        case sameFileName = "same_file_name"
        case unknownDataType = "unknown_data_type"
        case unavailableDataType = "unavailable_data_type"
        case malformedDate = "malformed_date"
        case futureDate = "future_date"
        case endBeforeStart = "end_before_start"
        case tooManyFiles = "too_many_files"
    }

    package var code: Code
    /// Where it is: `nil` where the request as a whole asks for too much.
    package var member: Member?
    /// The index in the member's list, from 0, where the issue is one element.
    package var index: Int?
    /// What is wrong and what can be done, in whole sentences.
    package var message: String

    init(_ code: Code, member: Member?, index: Int? = nil, message: String) {
        self.code = code
        self.member = member
        self.index = index
        self.message = message
    }
}
