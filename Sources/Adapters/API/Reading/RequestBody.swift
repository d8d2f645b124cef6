// Reads the content of a request as JSON, where FastAPI would, and its members strictly: all
// problems are reported together.

import APITypes
import HTTP
import JSON

/// Reads the content of requests.
enum RequestBody {
    /// The content as a JSON object.
    ///
    /// - Throws: ``APIError/encodedBody`` for compressed content, ``APIError/unreadableBody`` for
    ///   bytes that are not UTF-8, and ``APIError/invalid(_:)`` for anything but a JSON object.
    static func object(of request: Request) throws(APIError) -> JSONValue {
        guard isIdentity(request.headers["Content-Encoding"]) else { throw .encodedBody }
        guard !request.body.isEmpty else { throw .invalid([.missing(["body"], from: nil)]) }
        guard let text = String(validating: request.body, as: UTF8.self) else {
            throw .unreadableBody
        }
        guard isJSON(request.headers["Content-Type"]) else {
            throw .invalid([.notObject(["body"], input: .string(text))])
        }
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONReader.read(request.body)
        } catch {
            throw .invalid([.notJSON(error)])
        }
        switch value {
        case .object: return value
        case .null: throw .invalid([.missing(["body"], from: nil)])
        default: throw .invalid([.notObject(["body"], input: value)])
        }
    }

    /// The same where there is content; `nil` where there is none.
    ///
    /// - Throws: as ``object(of:)``.
    static func objectIfAny(of request: Request) throws(APIError) -> JSONValue? {
        request.body.isEmpty ? nil : try object(of: request)
    }

    /// A hostile page can make a browser send a body of a few types without a preflight request,
    /// but not one that is declared as JSON.
    ///
    /// - Throws: ``APIError/foreignBody`` for content of a browser that is not declared as JSON.
    static func checkOrigin(of request: Request) throws(APIError) {
        guard request.value(of: originName) != nil else { return }
        guard let type = request.headers["Content-Type"], !type.isEmpty, isJSON(type) else {
            throw .foreignBody
        }
    }

    private static let originName = FieldName("Origin")

    /// Whether content with this coding is not encoded (RFC 9110 §8.4).
    private static func isIdentity(_ coding: String?) -> Bool {
        guard let coding, !coding.isEmpty else { return true }
        return coding.lowercased() == "identity"
    }

    /// Whether content of this type is JSON: `application/json`, `application/…+json`, and content
    /// without a type or with an empty one, as with FastAPI 0.104.
    private static func isJSON(_ contentType: String?) -> Bool {
        // The usual type; parsing one takes as long as reading the body.
        if contentType == "application/json" { return true }
        guard let contentType, !contentType.isEmpty else { return true }
        let type = contentType.split(separator: ";", omittingEmptySubsequences: false)[0]
        let sides = type.lowercased().split(separator: "/", omittingEmptySubsequences: false)
        guard sides.count == 2, sides[0].drop(while: isBlank) == "application" else { return false }
        let subtype = sides[1].prefix { !isBlank($0) }
        guard sides[1].dropFirst(subtype.count).allSatisfy(isBlank) else { return false }
        return subtype == "json" || subtype.hasSuffix("+json")
    }

    private static func isBlank(_ character: Character) -> Bool {
        character == " " || character == "\t"
    }
}

/// Reads the members of a body and collects all problems; unknown members are problems, too.
struct BodyReader {
    /// Problems in one response: each repeats a part of the body.
    static let problemsMax = 100

    private let body: JSONValue
    private var known: Set<String> = []
    private(set) var problems: [ValidationProblem] = []

    /// - Parameter body: an object.
    init(_ body: JSONValue) {
        self.body = body
    }

    /// One of a few words; `nil` where it is missing or, unless required, `null`.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, of _: Choice.Type, isRequired: Bool = false
    ) -> Choice? {
        guard let text = text(name, isRequired: isRequired) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        problems.append(
            .notOneOf(Choice.allCases.map(\.rawValue), ["body", .name(name)], input: text))
        return nil
    }

    /// A text; `nil` where it is missing or, unless required, `null`.
    mutating func text(_ name: String, isRequired: Bool = false) -> String? {
        guard let value = value(name, isRequired: isRequired) else { return nil }
        if let text = value.string { return text }
        problems.append(.notString(["body", .name(name)], input: value))
        return nil
    }

    /// A list of texts; `nil` where it is missing or, unless required, `null`, and where any
    /// element is not a text: without it the others would mean something else.
    ///
    /// - Parameter range: how many there may be; any number without it.
    mutating func texts(
        _ name: String, _ range: ClosedRange<Int>? = nil, isRequired: Bool = false
    ) -> [String]? {
        guard let value = value(name, isRequired: isRequired) else { return nil }
        let location: [ValidationProblem.Step] = ["body", .name(name)]
        guard let elements = value.elements else {
            problems.append(.notList(location, input: value))
            return nil
        }
        if let range, !range.contains(elements.count) {
            problems.append(
                .badValue(
                    location, "a list has \(range.lowerBound) to \(range.upperBound) names",
                    input: .integer(elements.count)))
            return nil
        }
        let texts: [String] = elements.enumerated().compactMap { index, element -> String? in
            if let text = element.string { return text }
            problems.append(.notString(location + [.index(index)], input: element))
            return nil
        }
        return texts.count == elements.count ? texts : nil
    }

    mutating func flag(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        if case .bool(let flag) = value { return flag }
        problems.append(.notBool(["body", .name(name)], input: value))
        return nil
    }

    /// A whole number within a range.
    ///
    /// - Parameter reportsFraction: whether a number with a fraction is a problem of its own kind.
    mutating func integer(
        _ name: String, _ range: ClosedRange<Int>, reportsFraction: Bool = false
    ) -> Int? {
        guard let value = value(name) else { return nil }
        if reportsFraction, case .number = value, value.integer == nil {
            problems.append(.fractional(["body", .name(name)], input: value))
            return nil
        }
        let problem = ValidationProblem.wholeNumber(value, in: range, at: ["body", .name(name)])
        if let problem { problems.append(problem) }
        return value.integer
    }

    /// - Throws: ``APIError/invalid(_:)`` with all problems.
    func finish() throws(APIError) {
        let unknown = (body.members ?? []).filter { !known.contains($0.name) }.map { member in
            ValidationProblem.unknownMember(["body", .name(member.name)], input: member.value)
        }
        guard problems.isEmpty, unknown.isEmpty else {
            throw .invalid(Array((problems + unknown).prefix(BodyReader.problemsMax)))
        }
    }

    /// A member; `nil` where it is missing, which is a problem if it is required, or else `null`.
    private mutating func value(_ name: String, isRequired: Bool = false) -> JSONValue? {
        known.insert(name)
        guard let value = body[name] else {
            if isRequired { problems.append(.missing(["body", .name(name)], from: body)) }
            return nil
        }
        // Not in one expression: `nil` would be a `JSONValue` there.
        if !isRequired, value == .null { return nil }
        return value
    }
}
