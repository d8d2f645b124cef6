// Reads parameters of queries and paths, and reports all problems of a query together.

import APITypes
import HTTP
import JSON
import Jobs

/// Reads the parameters of a query and collects all problems.
struct QueryReader {
    private let items: QueryItems
    private var problems: [ValidationProblem] = []

    init(_ request: Request) {
        items = request.queryItems
    }

    /// A text as sent; `nil` where it is missing.
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
        let problem = ValidationProblem.outOfRange(
            value, range, ["query", .name(name)], input: .string(text))
        if let problem { problems.append(problem) }
        return value
    }

    /// One of a few words; `nil` where it is missing.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, of _: Choice.Type
    ) -> Choice? {
        guard let text = items[name] else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        problems.append(
            .notOneOf(Choice.allCases.map(\.rawValue), ["query", .name(name)], input: text))
        return nil
    }

    /// A position in the list of jobs; `nil` where it is missing.
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

    /// - Throws: ``APIError/invalid(_:)`` with all problems.
    func finish() throws(APIError) {
        guard problems.isEmpty else { throw .invalid(problems) }
    }
}

/// Reads `job_id` in a path and finds the job.
struct JobReference {
    /// The name of the gap in paths.
    static let name = "job_id"
    /// How the gap is declared.
    static let parameter = Operation.Parameter(
        name: name, location: .path, details: "The job's number.", schema: ["type": "integer"])

    /// The job that a request is about.
    ///
    /// - Throws: ``APIError/invalid(_:)`` where the path holds no whole number,
    ///   ``APIError/unknownJob(_:)`` where no job has it, and what the store throws.
    static func job(of context: RequestContext, in store: any JobStore) async throws -> Job {
        let number = try number(in: context)
        guard let id = id(number), let job = try await store.job(id) else {
            throw APIError.unknownJob(number.description)
        }
        return job
    }

    /// The job's id; `nil` for a number that no job can have.
    ///
    /// - Throws: ``APIError/invalid(_:)`` where the path holds no whole number.
    static func id(of context: RequestContext) throws(APIError) -> JobID? {
        id(try number(in: context))
    }

    private static func id(_ number: IntegerText) -> JobID? {
        number.value.flatMap { $0 > 0 ? JobID($0) : nil }
    }

    private static func number(in context: RequestContext) throws(APIError) -> IntegerText {
        let text = context.arguments[name] ?? ""
        guard let number = IntegerText(text) else {
            throw APIError.invalid([.notInteger(["path", .name(name)], input: text)])
        }
        return number
    }
}

/// A whole number of any size, as text.
struct IntegerText: Hashable, CustomStringConvertible {
    /// Digits without leading zeros, after a `-` where it is negative.
    let description: String

    /// The number, where it fits.
    var value: Int64? { Int64(description) }
    /// The number, or the nearest one that fits.
    var clamped: Int64 { value ?? (description.first == "-" ? .min : .max) }

    /// `nil` where the text spells no whole number.
    init?(_ text: String) {
        // Nearly every number is spelled plainly.
        if let number = Int64(text), number > 0, String(number) == text {
            description = text
            return
        }
        var rest = Array(text.utf8)[...]
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        let isSigned = rest.count < text.utf8.count
        guard let digits = IntegerText.digits(of: rest, mayBeginWithUnderscore: isSigned) else {
            return nil
        }
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        let number = significant.isEmpty ? "0" : String(decoding: significant, as: UTF8.self)
        description = isNegative && number != "0" ? "-" + number : number
    }

    /// The digits in front of `.000`; single underscores between digits are left out.
    private static func digits(
        of text: ArraySlice<UInt8>, mayBeginWithUnderscore: Bool
    ) -> [UInt8]? {
        let parts = text.split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, let last = whole.last, isDigit(last) else { return nil }
        let hasUnderscores = whole.contains(UInt8(ascii: "_"))
        if parts.count == 2 {
            guard !hasUnderscores, parts[1].allSatisfy({ $0 == UInt8(ascii: "0") }) else {
                return nil
            }
        }
        var digits: [UInt8] = []
        var previous = mayBeginWithUnderscore ? UInt8(ascii: "0") : UInt8(ascii: "_")
        for byte in whole {
            if byte == UInt8(ascii: "_") {
                guard previous != byte else { return nil }
            } else {
                guard isDigit(byte) else { return nil }
                digits.append(byte)
            }
            previous = byte
        }
        return digits
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
