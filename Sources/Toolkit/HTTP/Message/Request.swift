// A complete request, parsed and checked, as a handler sees it.

/// A request whose head and body have arrived and passed every rule of RFC 9110 and 9112 that we
/// hold it to.
///
/// A value: what one holder changes, others do not see. Its parts lie in one object, so that
/// handing it on costs one reference count, and the parser can use that object again for the next
/// request.
package struct Request: Sendable {
    private var parts: RequestParts

    package init(
        method: Method, path: String, query: String? = nil, headers: Headers = Headers(),
        trailers: Headers = Headers(), body: [UInt8] = [], id: String = "", peer: String = ""
    ) {
        parts = RequestParts()
        parts.method = method
        parts.target = .made(path: path, query: query)
        parts.headers = headers
        parts.trailers = trailers
        parts.body = body
        parts.id = id
        parts.peer = peer
    }

    init(_ parts: RequestParts) {
        self.parts = parts
    }

    package var method: Method {
        get { parts.method }
        set { change { $0.method = newValue } }
    }

    /// The path as sent, percent-encoded, dot segments removed; always begins with `/` (or is `*`,
    /// for OPTIONS).
    package var path: String {
        get { parts.path }
        set { change { $0.target = .made(path: newValue, query: $0.query) } }
    }

    /// Lends the bytes of ``path`` without making a string of them.
    package func withPath(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        parts.withPath(body)
    }

    /// What follows `?`, as sent; `nil` without a `?`.
    package var query: String? {
        get { parts.query }
        set { change { $0.target = .made(path: $0.path, query: newValue) } }
    }

    /// The target as it was sent, for logs. Hostile text: escape it.
    package var target: String { parts.sentTarget }

    package var headers: Headers {
        get { parts.headers }
        set {
            change {
                // A target that lies in the bytes of the old fields must not go with them.
                $0.target = .made(path: $0.path, query: $0.query)
                $0.headers = newValue
            }
        }
    }

    /// The method's token as it was sent, also where it is unknown here. Hostile text: escape it.
    package var methodName: String { parts.methodName }

    /// Lends the bytes of ``target`` without making a string of them.
    package func withTarget(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        parts.withSentTarget(body)
    }

    /// The value of the first header line with this name: `headers[name]`, without a copy of all.
    package func value(of name: FieldName) -> String? { parts.headers.first(name) }

    /// What the header section has under a name that must not come twice:
    /// `headers.occurrence(of:)`, without a copy of all.
    package func occurrence(of name: FieldName) -> Headers.Occurrence {
        parts.headers.occurrence(of: name)
    }

    /// Whether it is to be carried out on a certain version only (RFC 9110 §13.1).
    package var hasCondition: Bool { parts.headers.hasCondition }

    package var trailers: Headers {
        get { parts.trailers }
        set { change { $0.trailers = newValue } }
    }

    package var body: [UInt8] {
        get { parts.body }
        set { change { $0.body = newValue } }
    }

    /// Identifies the exchange in logs and in `X-Request-ID`.
    package var id: String {
        get { parts.id }
        set { change { $0.id = newValue } }
    }

    /// The client's address without its port.
    package var peer: String {
        get { parts.peer }
        set { change { $0.peer = newValue } }
    }

    /// How much memory it takes, in bytes.
    package var heldBytes: Int { parts.heldBytes }

    /// Names a request that has just been parsed and that only its parser holds yet.
    ///
    /// Unlike a change of ``id`` and ``peer`` it does not look whether the request is held
    /// elsewhere: the parser does, to use its parts again, and would force a copy.
    package func identify(id: String, peer: String) {
        parts.id = id
        parts.peer = peer
    }

    private mutating func change(_ body: (RequestParts) -> Void) {
        if !isKnownUniquelyReferenced(&parts) { parts = RequestParts(copying: parts) }
        body(parts)
    }
}
