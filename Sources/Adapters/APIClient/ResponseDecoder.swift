// What the service's replies mean, as a pure function. It must not know how they came here.

import APITypes
import Curl
import JSON

/// A reply, decoded and as it came.
package struct APIReply<Value: Sendable>: Sendable {
    package var value: Value
    /// The body, byte for byte.
    package var body: [UInt8]
    /// Names this version of the answer, as it came; `nil` where the service names none.
    package var entityTag: String?
}

/// Tells answers, refusals, and what is not from our service apart.
enum ResponseDecoder {
    /// Decodes the reply when it has one of the expected statuses.
    ///
    /// - Parameter path: what was asked for, behind the base URL.
    /// - Throws: ``APIClientError/refused(_:)`` for an error in the service's own shape,
    ///   ``APIClientError/foreignAnswer(_:)`` for everything else.
    static func read<Value: Decodable & Sendable>(
        _ value: Value.Type, head: ResponseHead, body: [UInt8], statuses: Set<Int>,
        path: String = ""
    ) throws(APIClientError) -> APIReply<Value> {
        if statuses.contains(head.status) {
            guard let value = try? JSONCoding.decode(value, from: body) else {
                throw .foreignAnswer(ForeignResponse(head, path: path))
            }
            return APIReply(value: value, body: body, entityTag: head["ETag"])
        }
        throw failure(head: head, body: body, path: path)
    }

    /// A text that the service sends as it is.
    ///
    /// - Throws: as ``read(_:head:body:statuses:path:)``
    static func readText(
        head: ResponseHead, body: [UInt8], path: String
    ) throws(APIClientError) -> [UInt8] {
        if head.status == 200 {
            guard head["Content-Type"]?.lowercased().hasPrefix("text/plain") ?? false else {
                throw .foreignAnswer(ForeignResponse(head, path: path))
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
        else { return .foreignAnswer(ForeignResponse(head, path: path)) }
        return .refused(refusal(answer, head: head, body: body))
    }

    private static func refusal(
        _ answer: ErrorResponse, head: ResponseHead, body: [UInt8]
    ) -> Refusal {
        let lines =
            switch answer.detail {
            case .message(let text): [text]
            case .problems(let problems): problems.map(ValidationMessage.of)
            }
        return Refusal(
            status: head.status, lines: lines, requestID: head["X-Request-ID"],
            retryAfterSeconds: head["Retry-After"].flatMap { Int($0) }.flatMap {
                $0 >= 0 ? $0 : nil
            },
            body: body)
    }
}
