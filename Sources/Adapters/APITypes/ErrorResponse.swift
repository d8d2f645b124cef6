// What every error answers: a member `detail`, which is a sentence or a list of problems.

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
