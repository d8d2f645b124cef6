// A request for datasets: as written, as validated, and what can be wrong with it.

/// What was asked for, word for word.
package struct RawRequest: Hashable, Sendable {
    /// `nil`, here and below, where the member is missing or no text: whoever read it reports that.
    package var exchange: String?
    package var symbols: [String]?
    package var dataTypes: [String]?
    package var startDate: String?
    package var endDate: String?

    package init(
        exchange: String?, symbols: [String]?, dataTypes: [String]?, startDate: String?,
        endDate: String?
    ) {
        self.exchange = exchange
        self.symbols = symbols
        self.dataTypes = dataTypes
        self.startDate = startDate
        self.endDate = endDate
    }
}

/// Which dataset files are wanted; every part was checked as far as could be.
package struct UnderstoodRequest: Hashable, Sendable {
    package var exchange: String
    /// The datasets' own spellings, each once, in the order asked for.
    package var symbols: [String]
    /// Each once, in the order asked for.
    package var dataTypes: [DataType]
    /// The first and the last day, both inclusive.
    package var days: ClosedRange<Day>
    /// What was understood differently from what was written: `BTC-USDT is BTCUSDT on binance`.
    package var notes: [String]

    package init(
        exchange: String, symbols: [String], dataTypes: [DataType], days: ClosedRange<Day>,
        notes: [String] = []
    ) {
        self.exchange = exchange
        self.symbols = symbols
        self.dataTypes = dataTypes
        self.days = days
        self.notes = notes
    }

    /// One file per symbol, data type and day.
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

    /// The kinds of problem, by stable names.
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
    /// The place in the member's list, from 0, where the problem is one element.
    package var index: Int?
    /// What is wrong and what can be done, in whole sentences.
    package var message: String
    /// The offending text; of a list that is empty, or a whole request, `nil`.
    package var input: String?
    /// What was probably meant, best first.
    package var suggestions: [String]

    package init(
        _ code: Code, member: Member?, index: Int? = nil, message: String, input: String? = nil,
        suggestions: [String] = []
    ) {
        self.code = code
        self.member = member
        self.index = index
        self.message = message
        self.input = input
        self.suggestions = suggestions
    }
}
