// Why a request is not answered by the handler. It must not quote the request: what a client sent
// is never sent back.

/// A request that the server refuses by itself, closing the connection: after one message that was
/// not understood, nothing that follows can be trusted to be where it seems to be (RFC 9112 §9.3,
/// §11.2).
package struct Rejection: Error, Hashable, Sendable {
    package let status: Status
    /// What was wrong, for the client's author.
    package let detail: StaticString

    package init(_ status: Status, _ detail: StaticString) {
        self.status = status
        self.detail = detail
    }

    static func malformed(_ detail: StaticString) -> Rejection { Rejection(.badRequest, detail) }

    package static func == (left: Rejection, right: Rejection) -> Bool {
        left.status == right.status && "\(left.detail)" == "\(right.detail)"
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(status)
    }
}
