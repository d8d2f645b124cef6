// Reads the members of POST /download and checks their types as pydantic does.

import APITypes
import Datasets
import JSON
import Jobs

/// Reads the members of a request for datasets.
struct SubmissionReader {
    /// Problems reported at most: each echoes what was sent, and nobody reads more.
    static let problemsMax = 100

    /// What was asked for; members that are missing or of another type are `nil`.
    private(set) var written: RawRequest
    private(set) var outputPath: String?
    /// How the job is wanted; `nil` and `false` where that is missing or wrong.
    private(set) var priority: Priority?
    private(set) var isForced = false
    private(set) var isPinned = false
    /// What is wrong, in the order of the members.
    private(set) var problems: [ValidationProblem] = []
    private let body: JSONValue

    /// - Parameter body: an object.
    init(_ body: JSONValue, from user: String) {
        self.body = body
        written = RawRequest(createdBy: user)
        written.exchange = requiredText("exchange")
        written.dataTypes = body["data_types"] == nil ? ["trades"] : texts("data_types")
        written.symbols = texts("symbols")
        written.startDate = requiredText("start_date")
        written.endDate = requiredText("end_date")
        outputPath = optionalText("output_path")
        priority = optionalPriority("priority")
        isForced = optionalFlag("force")
        isPinned = optionalFlag("pinned")
    }

    /// Turns what the domain found into problems of members.
    func locate(_ problem: ValidationIssue) -> ValidationProblem {
        var location: [ValidationProblem.Step] = ["body"]
        var input = body
        if let member = problem.member {
            location.append(.name(member.rawValue))
            input = body[member.rawValue] ?? .null
            if let index = problem.index {
                location.append(.index(index))
                if let elements = input.elements, elements.indices.contains(index) {
                    input = elements[index]
                }
            }
        }
        return .badValue(location, problem.message, input: input)
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
        if number < Priority.range.lowerBound {
            problems.append(.tooSmall(location, input: value, least: Priority.range.lowerBound))
        } else if number > Priority.range.upperBound {
            problems.append(.tooLarge(location, input: value, most: Priority.range.upperBound))
        }
        return Priority(rawValue: number)
    }

    private mutating func optionalFlag(_ name: String) -> Bool {
        guard let value = body[name], value != .null else { return false }
        if case .bool(let flag) = value { return flag }
        problems.append(.notBool(["body", .name(name)], input: value))
        return false
    }

    /// `nil` where any element is no text: the others keep their meaning only together with it.
    private mutating func texts(_ name: String) -> [String]? {
        guard let value = body[name] else {
            problems.append(.missing(["body", .name(name)], from: body))
            return nil
        }
        guard let elements = value.elements else {
            problems.append(.notList(["body", .name(name)], input: value))
            return nil
        }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            if let text = text(element, at: ["body", .name(name), .index(index)]) {
                texts.append(text)
            }
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
