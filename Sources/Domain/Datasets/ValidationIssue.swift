// What is wrong with a request, and what to do about it, for its author.

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
