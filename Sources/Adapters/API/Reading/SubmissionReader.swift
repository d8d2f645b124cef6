// Reads the members of POST /download and checks their types as pydantic does.

import APITypes
import Datasets
import JSON
import Jobs

/// Reads the members of a request for datasets.
struct SubmissionReader {
    /// The request; members that are missing or of another type are `nil`.
    private(set) var request: RawRequest
    private(set) var outputPath: String?
    /// The options of the job; `nil` and `false` where missing or wrong.
    private(set) var priority: Priority?
    private(set) var isForced = false
    private(set) var isPinned = false
    /// All problems, in the order of the members.
    private(set) var problems: [ValidationProblem] = []
    private let body: JSONValue

    /// - Parameter body: an object.
    init(_ body: JSONValue, from user: String) {
        self.body = body
        request = RawRequest(createdBy: user)
        request.exchange = requiredText("exchange")
        request.dataTypes = body["data_types"] == nil ? ["trades"] : texts("data_types")
        request.symbols = texts("symbols")
        request.startDate = requiredText("start_date")
        request.endDate = requiredText("end_date")
        outputPath = optionalText("output_path")
        priority = optionalPriority("priority")
        isForced = optionalFlag("force")
        isPinned = optionalFlag("pinned")
    }

    /// An issue that the domain found, as a problem of a member.
    func problem(of issue: ValidationIssue) -> ValidationProblem {
        var location: [ValidationProblem.Step] = ["body"]
        var input = body
        if let member = issue.member {
            location.append(.name(member.rawValue))
            input = body[member.rawValue] ?? .null
            if let index = issue.index {
                location.append(.index(index))
                if let elements = input.elements, elements.indices.contains(index) {
                    input = elements[index]
                }
            }
        }
        return .badValue(location, issue.message, input: input)
    }

    private mutating func requiredText(_ name: String) -> String? {
        guard let value = body[name] else {
            problems.append(.missing(["body", .name(name)], from: body))
            return nil
        }
        return text(value, at: ["body", .name(name)])
    }

    private mutating func optionalText(_ name: String) -> String? {
        guard let value = body[name], value != .null else { return nil }
        return text(value, at: ["body", .name(name)])
    }

    private mutating func optionalPriority(_ name: String) -> Priority? {
        guard let value = body[name], value != .null else { return nil }
        let location: [ValidationProblem.Step] = ["body", .name(name)]
        guard let number = value.integer else {
            let isNumber = if case .number = value { true } else { false }
            problems.append(
                isNumber
                    ? .fractional(location, input: value)
                    : .notWholeNumber(location, input: value))
            return nil
        }
        let problem = ValidationProblem.outOfRange(
            number, Priority.range, location, input: value)
        if let problem { problems.append(problem) }
        return Priority(rawValue: number)
    }

    private mutating func optionalFlag(_ name: String) -> Bool {
        guard let value = body[name], value != .null else { return false }
        if case .bool(let flag) = value { return flag }
        problems.append(.notBool(["body", .name(name)], input: value))
        return false
    }

    /// `nil` where any element is not a text: without it the others would mean something else.
    private mutating func texts(_ name: String) -> [String]? {
        guard let value = body[name] else {
            problems.append(.missing(["body", .name(name)], from: body))
            return nil
        }
        guard let elements = value.elements else {
            problems.append(.notList(["body", .name(name)], input: value))
            return nil
        }
        let texts = elements.enumerated().compactMap { index, element in
            text(element, at: ["body", .name(name), .index(index)])
        }
        return texts.count == elements.count ? texts : nil
    }

    private mutating func text(
        _ value: JSONValue, at location: @autoclosure () -> [ValidationProblem.Step]
    ) -> String? {
        if let text = value.string { return text }
        problems.append(.notString(location(), input: value))
        return nil
    }
}
