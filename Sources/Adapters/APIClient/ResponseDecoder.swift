// Replies of the service, decoded: answers, errors in its own shape, and everything else.

package import APITypes
import Curl
import JSON

/// A reply, decoded and as received.
package struct APIReply<Value: Sendable>: Sendable {
    package var value: Value
    /// The body, byte for byte.
    package var body: [UInt8]
    /// The `ETag`; `nil` where the service sent none.
    package var entityTag: String?
}

/// The answer to a request for a job that differs from a known version.
package enum JobPollResult: Sendable {
    /// The job as it is now.
    case changed(APIReply<JobResponse>)
    /// The job has not changed; `wasHeld` where the service waited before it answered.
    case unchanged(wasHeld: Bool)
}

/// Distinguishes answers, errors of the service, and responses of other programs.
enum ResponseDecoder {
    /// Decodes the reply when it has one of the expected statuses.
    ///
    /// - Parameter path: the path of the request, behind the base URL.
    /// - Throws: ``APIClientError/refused(_:)`` for an error in the service's own shape,
    ///   ``APIClientError/foreignResponse(_:)`` for everything else.
    static func read<Value: Decodable & Sendable>(
        _ value: Value.Type, head: ResponseHead, body: [UInt8], statuses: Set<Int>,
        path: String = ""
    ) throws(APIClientError) -> APIReply<Value> {
        if statuses.contains(head.status) {
            guard let value = try? JSONCoding.decode(value, from: body) else {
                throw .foreignResponse(ForeignResponse(head, path: path))
            }
            return APIReply(value: value, body: body, entityTag: head["ETag"])
        }
        throw failure(head: head, body: body, path: path)
    }

    /// A plain text.
    ///
    /// - Throws: as ``read(_:head:body:statuses:path:)``
    static func readText(
        head: ResponseHead, body: [UInt8], path: String
    ) throws(APIClientError) -> [UInt8] {
        if head.status == 200 {
            guard head["Content-Type"]?.lowercased().hasPrefix("text/plain") ?? false else {
                throw .foreignResponse(ForeignResponse(head, path: path))
            }
            return body
        }
        throw failure(head: head, body: body, path: path)
    }

    private static func failure(
        head: ResponseHead, body: [UInt8], path: String
    ) -> APIClientError {
        guard (400...599).contains(head.status), !ForeignResponse.wantsOtherPassword(head),
            let answer = try? JSONCoding.decode(ErrorResponse.self, from: body)
        else { return .foreignResponse(ForeignResponse(head, path: path)) }
        return .refused(refusal(answer, head: head, body: body))
    }

    private static func refusal(
        _ answer: ErrorResponse, head: ResponseHead, body: [UInt8]
    ) -> ServiceError {
        let lines =
            switch answer.detail {
            case .message(let text): [text]
            case .problems(let problems): problems.map(ValidationMessage.of)
            }
        return ServiceError(
            status: head.status, lines: lines, requestID: head["X-Request-ID"],
            retryAfterSeconds: head["Retry-After"].flatMap { Int($0) }.flatMap {
                $0 >= 0 ? $0 : nil
            },
            body: body)
    }
}

/// Turns the entries of a 422 response into lines.
enum ValidationMessage {
    /// The place, the message, and what was sent where the message does not repeat it:
    /// `symbols[0]: there is no BTCUSD on binance; did you mean BTCUSDT?`.
    static func of(_ problem: ValidationProblem) -> String {
        let place = place(of: problem.location)
        let message = words(of: problem.message)
        let line = place.isEmpty ? message : "\(place): \(message)"
        guard let sent = spelling(of: problem.input), !names(sent, line) else { return line }
        return "\(line) (you sent \(sent))"
    }

    /// The message without the prefix of the predecessor's format, `Value error, `, which says
    /// nothing of the value.
    private static func words(of message: String) -> String {
        String(message.trimmingPrefix("Value error, "))
    }

    /// `["body", "symbols", 0]` is `symbols[0]`: the part of the request is left out, unless
    /// nothing else is named.
    private static func place(of location: [ValidationProblem.Step]) -> String {
        var steps = location[...]
        if steps.count > 1, case .name = steps[steps.startIndex + 1] { steps.removeFirst() }
        return steps.reduce(into: "") { text, step in
            switch step {
            case .name(let name): text += text.isEmpty ? name : ".\(name)"
            case .index(let index): text += "[\(index)]"
            }
        }
    }

    /// Whether the line holds the text as a word: `BTCUSD` is not in `did you mean BTCUSDT?`.
    private static func names(_ text: String, _ line: String) -> Bool {
        line.ranges(of: text).contains { range in
            let before = line[..<range.lowerBound].last
            let after = line[range.upperBound...].first
            return ![before, after].contains { $0.map { $0.isLetter || $0.isNumber } ?? false }
        }
    }

    /// Short scalars only: for a missing member the input is the whole body.
    private static func spelling(of input: JSONValue) -> String? {
        let textMaxCharacters = 80
        switch input {
        case .string(let text) where !text.isEmpty && text.count <= textMaxCharacters: return text
        case .string(""): return "\"\""
        case .number(let digits) where digits.count <= textMaxCharacters: return digits
        case .bool(let flag): return flag ? "true" : "false"
        default: return nil
        }
    }
}
