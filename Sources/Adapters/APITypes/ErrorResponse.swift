// What every error responds with: a member `detail`, which is a sentence or, with 422, a list of
// problems in the shape of pydantic.

package import JSON

/// The body of an error.
package struct ErrorResponse: Hashable, Sendable, Decodable, JSONWritable {
    package var detail: Detail

    /// What went wrong.
    package enum Detail: Hashable, Sendable {
        /// One sentence.
        case message(String)
        /// Everything that is wrong with the request (422).
        case problems([ValidationProblem])
    }

    package init(_ message: String) {
        detail = .message(message)
    }

    package init(_ problems: [ValidationProblem]) {
        detail = .problems(problems)
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        if let message = try? members.decode(String.self, forKey: .detail) {
            detail = .message(message)
        } else {
            detail = .problems(try members.decode([ValidationProblem].self, forKey: .detail))
        }
    }

    package var json: JSONValue {
        switch detail {
        case .message(let text): ["detail": .string(text)]
        case .problems(let problems): ["detail": .array(problems.map(\.json))]
        }
    }

    private enum CodingKeys: String, CodingKey {
        case detail
    }
}

/// One thing that is wrong with a request.
package struct ValidationProblem: Hashable, Sendable, Decodable, JSONWritable {
    /// The kind of problem, such as `missing` or `string_type`.
    package var type: String
    /// The path to the member, such as `["body", "symbols", 0]`.
    package var location: [Step]
    /// The problem in words.
    package var message: String
    /// The value; for a missing member, the object that lacks it.
    package var input: JSONValue
    /// The numbers in the message, where there are any.
    package var context: JSONValue?

    /// Bytes of a value that a response repeats: 100 problems may each be about a body of a
    /// megabyte.
    private static let inputBytesMax = 2_048

    /// One step of a path into a request.
    package enum Step: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case name(String)
        case index(Int)

        package init(stringLiteral name: String) { self = .name(name) }
        package init(integerLiteral index: Int) { self = .index(index) }
    }

    package init(
        type: String, location: [Step], message: String, input: JSONValue,
        context: JSONValue? = nil
    ) {
        self.type = type
        self.location = location
        self.message = message
        self.input = input
        self.context = context
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        type = try members.decode(String.self, forKey: .type)
        location = try members.decode([Step].self, forKey: .location)
        message = try members.decode(String.self, forKey: .message)
        input = try members.decodeIfPresent(JSONValue.self, forKey: .input) ?? .null
        context = try members.decodeIfPresent(JSONValue.self, forKey: .context)
    }

    package var json: JSONValue {
        var entry: JSONValue = [
            "type": .string(type),
            "loc": .array(location.map(\.json)),
            "msg": .string(message),
            "input": input.shortened(to: ValidationProblem.inputBytesMax),
        ]
        entry["ctx"] = context
        return entry
    }

    private enum CodingKeys: String, CodingKey {
        case type, input
        case location = "loc"
        case message = "msg"
        case context = "ctx"
    }
}

extension ValidationProblem.Step: Decodable, JSONWritable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let index = try? container.decode(Int.self) {
            self = .index(index)
        } else {
            self = .name(try container.decode(String.self))
        }
    }

    package var json: JSONValue {
        switch self {
        case .name(let name): .string(name)
        case .index(let index): .integer(index)
        }
    }
}
