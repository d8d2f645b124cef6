// What a request consists of, in one object that is used again.

/// The storage of a ``Request``.
///
/// `@unchecked Sendable`: only its single holder changes it, the parser before it hands the
/// request on, or ``Request`` after it has made sure of that.
final class RequestParts: @unchecked Sendable {
    /// What a request is for: in the bytes of its head, or in words of its own where those differ
    /// from what was sent.
    enum Target: Sendable {
        case sent(path: Range<UInt32>, query: Range<UInt32>?)
        case made(path: String, query: String?)
    }

    /// A body with more storage than this is given back to the system rather than used again.
    static let keptBodyBytesMax = 16 * 1024

    @exclusivity(unchecked) var method = Method.get
    @exclusivity(unchecked) var target = Target.made(path: "/", query: nil)
    /// Where in the head the target lies as it was sent; `nil` for a request that was made here.
    @exclusivity(unchecked) var sent: Range<UInt32>?
    /// Their bytes are those of the whole head, from the method on.
    @exclusivity(unchecked) var headers = Headers()
    @exclusivity(unchecked) var trailers = Headers()
    @exclusivity(unchecked) var body: [UInt8] = []
    @exclusivity(unchecked) var id = ""
    @exclusivity(unchecked) var peer = ""

    init() {}

    init(copying other: RequestParts) {
        method = other.method
        target = other.target
        sent = other.sent
        headers = other.headers
        trailers = other.trailers
        body = other.body
        id = other.id
        peer = other.peer
    }

    /// How much memory it takes, in bytes, but for what is small in any request.
    var heldBytes: Int {
        body.capacity + headers.bytes.capacity + trailers.bytes.capacity
    }

    var path: String {
        switch target {
        case .sent(let path, _): headers.string(path)
        case .made(let path, _): path
        }
    }

    /// Lends the bytes of the path.
    func withPath(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        switch target {
        case .sent(let path, _):
            headers.bytes.withUnsafeBufferPointer { bytes in
                body(
                    UnsafeBufferPointer(
                        rebasing: bytes[Int(path.lowerBound)..<Int(path.upperBound)]))
            }
        case .made(var path, _):
            path.withUTF8(body)
        }
    }

    var query: String? {
        switch target {
        case .sent(_, let query): query.map(headers.string)
        case .made(_, let query): query
        }
    }

    var sentTarget: String {
        if let sent { return headers.string(sent) }
        return path + (query.map { "?" + $0 } ?? "")
    }

    /// Lends the bytes of ``sentTarget``.
    func withSentTarget(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        guard let sent else {
            var target = sentTarget
            return target.withUTF8(body)
        }
        headers.bytes.withUnsafeBufferPointer { bytes in
            body(UnsafeBufferPointer(rebasing: bytes[Int(sent.lowerBound)..<Int(sent.upperBound)]))
        }
    }

    /// The head begins with the method and one space.
    var methodName: String {
        guard method == .unknown, let sent, sent.lowerBound > 0 else { return method.rawValue }
        return headers.string(0..<sent.lowerBound - 1)
    }

    /// Takes over what was read in the bytes of the headers.
    func setTarget(_ read: RequestTarget, sent whole: Range<Int>) {
        if let path = read.normalizedPath {
            target = .made(path: path, query: read.query.map { headers.string(short($0)) })
        } else {
            target = .sent(path: short(read.path), query: read.query.map(short))
        }
        sent = short(whole)
        // The host of an absolute target replaces the Host field (RFC 9112 §3.2.2).
        if let authority = read.authority {
            headers.set("Host", headers.string(short(authority)))
        }
    }

    /// Forgets everything but the storage.
    func removeAll() {
        headers.removeAll()
        if !trailers.isEmpty { trailers.removeAll() }
        if body.capacity > RequestParts.keptBodyBytesMax {
            body = []
        } else {
            body.removeAll(keepingCapacity: true)
        }
    }
}

/// A head has at most some ten thousand bytes.
private func short(_ range: Range<Int>) -> Range<UInt32> {
    UInt32(range.lowerBound)..<UInt32(range.upperBound)
}
