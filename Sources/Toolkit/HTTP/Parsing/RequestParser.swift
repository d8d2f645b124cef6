// Bytes in, requests out: an incremental parser for one connection.

/// Parses the requests of one connection, in the pieces in which their bytes arrive.
///
/// A line is judged when it has ended; the first rule that it breaks decides. What binds the whole
/// head (``MessageFraming``) is judged at its end. After a refusal the parser is of no more use.
struct RequestParser: ~Copyable, Sendable {
    /// What came of the bytes so far.
    enum Event: Sendable {
        /// Nothing yet: more bytes are needed.
        case incomplete
        /// A head has arrived whose client waits for a 100 before it sends the body. Told once.
        case expectsContinue
        /// A whole request: its parts are in the ``storage`` until the next call.
        case request
        case refused(Rejection)
    }

    /// Where in a request the next byte belongs.
    enum Stage: Hashable, Sendable {
        case requestLine
        case headers
        case body
        case chunkLine
        case chunkData
        case chunkEnd
        case trailers
    }

    private let rules: ConnectionRules
    /// What has arrived, and what becomes of it. Siblings of the stage, not its payload: growing
    /// an array inside an enum copies it each time.
    var storage = ParserStorage()
    var stage = Stage.requestLine
    private var blankLines = 0
    private var line: RequestLine?
    /// Where the header section begins, and its next line, counted from the request's start.
    private var headerStart = 0
    private var headerNext = 0
    private(set) var responseRules = ResponseRules()
    /// Why the request that has just been told of is refused although the message is in order.
    private(set) var refusal: Rejection?
    var trailerBytes = 0
    var extensionBytes = 0
    /// Bytes of the body, or of the chunk, that are still to come.
    var remaining = 0

    init(_ rules: ConnectionRules) {
        self.rules = rules
    }

    var limits: Limits { rules.limits }

    /// Takes bytes that have arrived. Follow with ``next()`` until it is incomplete.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        storage.buffer.append(bytes)
    }

    /// Gives up the request under way, and its memory.
    mutating func forget() {
        storage = ParserStorage()
        stage = .requestLine
        line = nil
    }

    /// Whether no byte of a further request has arrived.
    var isIdle: Bool { stage == .requestLine && storage.buffer.count == 0 }

    /// Whether a head has been read and its body has not.
    var isInBody: Bool { stage != .requestLine && stage != .headers }

    /// How much of the body has arrived, decoded.
    var bodyBytes: Int { isInBody ? storage.parts.body.count : 0 }

    /// The method and the target of the request under way, as far as they were understood: for the
    /// log line of a refusal.
    var partial: (method: String, target: String)? {
        if isInBody { return (storage.parts.methodName, storage.parts.sentTarget) }
        guard let line else { return nil }
        let start = storage.buffer.start
        let (method, target) = (start..<start + line.methodEnd, line.target)
        let bytes = storage.buffer.bytes.span
        return (
            text(bytes, method),
            text(bytes, start + target.lowerBound..<start + target.upperBound)
        )
    }

    /// Whether the request under way began like a HEAD: if anything is wrong with it, no content
    /// may follow the answer's head (RFC 9110 §9.3.2).
    var isHead: Bool {
        if isInBody { return storage.parts.method == .head }
        return storage.buffer.waiting.starts(with: "HEAD ".utf8)
    }

    /// What the bytes so far amount to.
    mutating func next() -> Event {
        do throws(Rejection) {
            while true {
                switch stage {
                case .requestLine:
                    guard try parseRequestLine() else { return .incomplete }
                    continue
                case .headers:
                    guard try parseHeaders() else { return .incomplete }
                    if try finishHead(), storage.buffer.count == 0 { return .expectsContinue }
                case .body:
                    guard takeBody(then: .requestLine) else { return .incomplete }
                case .chunkLine:
                    guard try parseChunkLine() else { return .incomplete }
                case .chunkData:
                    guard takeBody(then: .chunkEnd) else { return .incomplete }
                case .chunkEnd:
                    guard try parseChunkEnd() else { return .incomplete }
                case .trailers:
                    guard try parseTrailers() else { return .incomplete }
                }
                if stage == .requestLine { return .request }
            }
        } catch {
            return .refused(error)
        }
    }

    private mutating func parseRequestLine() throws(Rejection) -> Bool {
        try skipBlankLines()
        guard storage.buffer.count > 0 else { return false }
        let start = storage.buffer.start
        // Method, two spaces and version: the longest method we know has 7 letters, but an unknown
        // one is better answered 405 than 414.
        let lineBytesMax = limits.targetBytesMax + 64
        switch storage.buffer.line(from: start, bytesMax: lineBytesMax) {
        case .incomplete: return false
        case .tooLong: throw Rejection(.targetTooLong, "The request line is too long.")
        case .bareLineFeed: throw RequestParser.bareLineFeed
        case .line(let range):
            let absolute = try RequestLine(storage.buffer.bytes.span, range)
            guard absolute.target.count <= limits.targetBytesMax else {
                throw Rejection(.targetTooLong, "The target is too long.")
            }
            // Kept relative to the start of the buffer, which moves.
            line = absolute.shifted(by: -start)
            headerStart = range.upperBound + 2 - start
            headerNext = headerStart
            storage.makePartsOwn()
            stage = .headers
            return true
        }
    }

    /// RFC 9112 §2.2: empty lines before a request are ignored, within reason.
    private mutating func skipBlankLines() throws(Rejection) {
        while storage.buffer.count > 0 {
            let start = storage.buffer.start
            let first = storage.buffer.bytes[start]
            if first == Byte.lineFeed { throw RequestParser.bareLineFeed }
            guard first == Byte.carriageReturn, storage.buffer.count > 1 else { return }
            guard storage.buffer.bytes[start + 1] == Byte.lineFeed else {
                throw .malformed("A carriage return stands alone.")
            }
            blankLines += 1
            guard blankLines <= limits.blankLinesMax else {
                throw .malformed("There are too many empty lines before the request.")
            }
            storage.buffer.take(upTo: start + 2)
        }
    }

    private mutating func parseHeaders() throws(Rejection) -> Bool {
        let base = storage.buffer.start
        let parts = storage.parts
        while true {
            let room = limits.headerBytesMax - (headerNext - headerStart)
            switch storage.buffer.line(from: base + headerNext, bytesMax: room) {
            case .incomplete: return false
            case .tooLong:
                throw Rejection(.headerFieldsTooLarge, "The header section is too long.")
            case .bareLineFeed: throw RequestParser.bareLineFeed
            case .line(let range):
                headerNext = range.upperBound + 2 - base
                if range.isEmpty { return true }
                guard parts.headers.count < limits.headerCountMax else {
                    throw Rejection(.headerFieldsTooLarge, "There are too many header fields.")
                }
                let field = try FieldLine.parse(storage.buffer.bytes.span, range, base: base)
                parts.headers.note(field)
            }
        }
    }

    /// Judges the head and makes room for the body.
    ///
    /// - Returns: whether the client waits for a 100.
    private mutating func finishHead() throws(Rejection) -> Bool {
        guard let line else { preconditionFailure("a head begins with a request line") }
        let start = storage.buffer.start
        let parts = storage.parts
        parts.headers.begin(with: storage.buffer.bytes[start..<start + headerNext])
        let meaning = try MessageFraming(line, parts.headers, limits: limits)
        let target = try RequestTarget(
            parts.headers.bytes.span, line.target, method: line.method)
        // What follows is not meant for this server: it would have gone through the tunnel.
        if line.method == .connect { throw RequestParser.notImplemented }
        parts.method = line.method
        parts.setTarget(target, sent: line.target)
        responseRules = ResponseRules(
            isHead: line.method == .head, minorVersion: line.minorVersion,
            keepsOpen: meaning.keepsOpen)
        refusal = RequestParser.refusal(target)
        storage.buffer.take(upTo: start + headerNext)
        self.line = nil
        blankLines = 0
        switch meaning.framing {
        case .none, .length(0):
            stage = .requestLine
        case .length(let length):
            remaining = length
            stage = .body
        case .chunked:
            trailerBytes = 0
            extensionBytes = 0
            stage = .chunkLine
        }
        return meaning.expectsContinue
    }

    /// What is refused only after the body has been read, and does not close the connection: the
    /// message is in order, and if its body is not, that goes first.
    ///
    /// Not a method that is unknown here: the handler knows which methods the path takes, and its
    /// answer names them (405 and `Allow`, RFC 9110 §15.5.6).
    private static func refusal(_ target: RequestTarget) -> Rejection? {
        guard target.isMisdirected else { return nil }
        return Rejection(.misdirectedRequest, "This server does not answer for https.")
    }

    private static let notImplemented = Rejection(
        .notImplemented, "The method is not implemented.")

    static let bareLineFeed = Rejection.malformed(
        "A line ends without a carriage return.")
}
