// Why a request is not answered by the handler. It must not quote the request: what a client sent
// is never sent back.

/// A request that the server answers by itself.
///
/// Most of the time the connection is closed then: after a message that was not understood,
/// nothing that follows can be trusted to be where it seems to be (RFC 9112 §9.3, §11.2).
package struct Rejection: Error, Hashable, Sendable {
    package let status: Status
    /// What was wrong, for the client's author.
    package let detail: StaticString

    package init(_ status: Status, _ detail: StaticString) {
        self.status = status
        self.detail = detail
    }

    static func malformed(_ detail: StaticString) -> Rejection { Rejection(.badRequest, detail) }

    /// The rejection as an answer's body: `{"detail":"…"}`.
    package var body: [UInt8] { Array("{\"detail\":\"\(detail)\"}".utf8) }

    /// The rejection as an answer.
    package var response: Response {
        var headers = Headers(["Content-Type": "application/json"])
        if status == .serviceUnavailable { headers.append("Retry-After", "1") }
        return Response(status: status, headers: headers, body: .bytes(body))
    }

    package static func == (left: Rejection, right: Rejection) -> Bool {
        left.status == right.status && "\(left.detail)" == "\(right.detail)"
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(status)
    }
}
