// The members of a body where a mistake could do harm: strictly, and all problems together. It must
// not know which members a route has.

import APITypes
import JSON

/// Reads members and collects what is wrong with them; those that nobody asks for are wrong too.
struct BodyReader {
    private let body: JSONValue
    private var asked: Set<String> = []
    private var problems: [ValidationProblem] = []

    /// - Parameter body: an object.
    init(_ body: JSONValue) {
        self.body = body
    }

    /// One of a few words; `nil` where it is missing or `null`.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, of _: Choice.Type, isRequired: Bool = false
    ) -> Choice? {
        if isRequired, body[name] == nil {
            asked.insert(name)
            problems.append(.missing(["body", .name(name)], from: body))
            return nil
        }
        guard let text = text(name, isRequired: isRequired) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        problems.append(
            .notOneOf(Choice.allCases.map(\.rawValue), ["body", .name(name)], input: text))
        return nil
    }

    /// A text; `nil` where it is missing or, unless required, `null`.
    mutating func text(_ name: String, isRequired: Bool = false) -> String? {
        guard let value = value(name, nullIsNone: !isRequired) else { return nil }
        if let text = value.string { return text }
        problems.append(.notString(["body", .name(name)], input: value))
        return nil
    }

    /// A list of texts; `nil` where it is missing or `null`.
    ///
    /// - Parameter range: how many there may be.
    mutating func texts(_ name: String, _ range: ClosedRange<Int>) -> [String]? {
        guard let value = value(name) else { return nil }
        let location: [ValidationProblem.Step] = ["body", .name(name)]
        guard let elements = value.elements else {
            problems.append(.notList(location, input: value))
            return nil
        }
        guard range.contains(elements.count) else {
            problems.append(
                .badValue(
                    location, "a list has \(range.lowerBound) to \(range.upperBound) names",
                    input: .integer(elements.count)))
            return nil
        }
        return elements.enumerated().compactMap { index, element in
            if let text = element.string { return text }
            problems.append(.notString(location + [.index(index)], input: element))
            return nil
        }
    }

    mutating func flag(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        if case .bool(let flag) = value { return flag }
        problems.append(.notBool(["body", .name(name)], input: value))
        return nil
    }

    /// A whole number within a range.
    mutating func integer(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let value = value(name) else { return nil }
        let location: [ValidationProblem.Step] = ["body", .name(name)]
        guard let number = value.integer else {
            problems.append(.notWholeNumber(location, input: value))
            return nil
        }
        if number < range.lowerBound {
            problems.append(.tooSmall(location, input: value, least: range.lowerBound))
        } else if number > range.upperBound {
            problems.append(.tooLarge(location, input: value, most: range.upperBound))
        }
        return number
    }

    /// - Throws: ``APIError/invalid(_:)`` with all problems that were found.
    func finish() throws(APIError) {
        let unknown = (body.members ?? []).filter { !asked.contains($0.name) }.map { member in
            ValidationProblem.unknownMember(["body", .name(member.name)], input: member.value)
        }
        guard problems.isEmpty, unknown.isEmpty else {
            throw .invalid(Array((problems + unknown).prefix(SubmissionReader.problemsMax)))
        }
    }

    private mutating func value(_ name: String, nullIsNone: Bool = true) -> JSONValue? {
        asked.insert(name)
        let value = body[name]
        return nullIsNone && value == .null ? nil : value
    }
}
