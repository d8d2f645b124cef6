// What a handler answers, what the server answers by itself, and what a request asks of an answer's
// form. Framing, Date, Connection and X-Request-ID are the server's business.

/// An answer to one request.
package struct Response: Sendable {
    package var status: Status
    /// Fields of the answer, without those that the server sets by itself: Content-Length,
    /// Transfer-Encoding, Connection, Date, X-Request-ID.
    package var headers: Headers
    package var body: Body

    package init(status: Status, headers: Headers = Headers(), body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Content, in the form in which it can be sent with the least work.
    ///
    /// It is sent as it is, for any Accept-Encoding (RFC 9110 §12.5.3). The largest page of
    /// JSON, half a megabyte, would become a fifth of that in 0.7 ms of a core; a network of
    /// 1 Gbit/s takes 4 ms for all of it, and neither curl nor the bundled client asks for less.
    package enum Body: Sendable {
        case empty
        case bytes([UInt8])
        /// Sent by the kernel out of its cache. Should the file be shorter than promised by then,
        /// the connection is cut, so that the client sees a truncated answer.
        case file(FileRegion)
        /// Produced piece by piece while it is sent. With a length the answer has a Content-Length,
        /// and exactly that many bytes must follow; without one it is chunked (or ends with the
        /// connection, for HTTP/1.0). An error thrown by the producer cuts the connection, so that
        /// the client sees a truncated answer.
        case stream(length: Int?, @Sendable (any BodyWriting) async throws -> Void)
        /// These very bytes in place of head and body, then the end of the connection: for
        /// stand-ins that play broken servers.
        case verbatim([UInt8], then: Ending)
    }

    /// How a connection ends.
    package enum Ending: Sendable {
        case close
        /// A RST in place of a FIN.
        case reset
    }
}

/// Takes a body piece by piece.
package protocol BodyWriting: Sendable {
    /// Sends a piece; returns when the connection can take more (back-pressure).
    ///
    /// - Throws: when the connection is gone.
    func write(_ bytes: [UInt8]) async throws
}

/// Thrown by the producer of a streamed body to end the connection in a certain way.
package struct StreamCut: Error, Sendable {
    package var ending: Response.Ending

    package init(_ ending: Response.Ending) {
        self.ending = ending
    }
}

/// What a request asks of the form of its answer.
package struct ResponseRules: Hashable, Sendable {
    /// The answer has the head of a GET's and no body (RFC 9110 §9.3.2).
    package var isHead: Bool
    /// HTTP/1.x's x: 0 or 1.
    package var minorVersion: Int
    /// Whether the connection stays open after the answer.
    package var keepsOpen: Bool

    package init(isHead: Bool = false, minorVersion: Int = 1, keepsOpen: Bool = true) {
        self.isHead = isHead
        self.minorVersion = minorVersion
        self.keepsOpen = keepsOpen
    }
}

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
