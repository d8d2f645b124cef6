// The parameters of a query, read together, so that every problem is told at once. It must not know
// which parameters a route has.

import APITypes
import HTTP
import JSON

/// Reads parameters and collects what is wrong with them.
struct QueryReader {
    private let items: QueryItems
    private var problems: [ValidationProblem] = []

    init(_ request: Request) {
        items = request.queryItems
    }

    /// A text as it was sent; `nil` where it was not.
    func text(_ name: String) -> String? { items[name] }

    /// A whole number within a range.
    mutating func integer(
        _ name: String, _ range: ClosedRange<Int>, default preset: Int
    ) -> Int {
        guard let text = items[name] else { return preset }
        guard let number = IntegerText(text) else {
            problems.append(.notInteger(["query", .name(name)], input: text))
            return preset
        }
        let value = Int(number.clamped)
        if value < range.lowerBound {
            problems.append(
                .tooSmall(["query", .name(name)], input: .string(text), least: range.lowerBound))
        } else if value > range.upperBound {
            problems.append(
                .tooLarge(["query", .name(name)], input: .string(text), most: range.upperBound))
        }
        return value
    }

    /// One of a few words; `nil` where it was not sent.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, of _: Choice.Type
    ) -> Choice? {
        guard let text = items[name] else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        problems.append(
            .notOneOf(Choice.allCases.map(\.rawValue), ["query", .name(name)], input: text))
        return nil
    }

    /// A place in a list of jobs; `nil` where it was not sent.
    mutating func cursor(_ name: String) -> JobCursor? {
        guard let text = items[name] else { return nil }
        if let cursor = JobCursor(text) { return cursor }
        problems.append(
            .badValue(
                ["query", .name(name)],
                "this is no cursor of this service; take next_cursor of the page before, or leave "
                    + "it out to begin with the first page", input: .string(text)))
        return nil
    }

    /// - Throws: ``APIError/invalid(_:)`` with all problems that were found.
    func finish() throws(APIError) {
        guard problems.isEmpty else { throw .invalid(problems) }
    }
}
