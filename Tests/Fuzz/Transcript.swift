// What the parser makes of bytes that arrive in given pieces, in a form that two runs can be
// compared by.

@testable import HTTP

/// The events of one connection.
struct Transcript: Equatable {
    /// A request as its handler would see it.
    struct Seen: Equatable {
        var method: String
        var path: String
        var query: String?
        var headers: [[String]] = []
        var body: [UInt8]
        var trailers: [[String]] = []
        var rules: ResponseRules
        var refusal: Rejection?

        /// The request that a parser has just told of.
        init(of parser: borrowing RequestParser) {
            let request = Request(parser.storage.parts)
            method = request.methodName
            path = request.path
            query = request.query
            body = request.body
            rules = parser.responseRules
            refusal = parser.refusal
            request.headers.forEach { headers.append([$0, $1]) }
            request.trailers.forEach { trailers.append([$0, $1]) }
        }
    }

    private(set) var requests: [Seen] = []
    private(set) var rejection: Rejection?
    /// Whether a client was told to go on, which depends on how its bytes arrive.
    private(set) var continueCount = 0
    /// Whether the last byte ended a request.
    private(set) var isComplete = false
    /// Most bytes that waited for more to be understood.
    private(set) var waitingBytesMax = 0

    /// Feeds a parser.
    ///
    /// - Parameter pieceSize: gives the size of the next piece, at least 1.
    init(of bytes: [UInt8], limits: Limits, pieceSize: () -> Int) {
        var parser = RequestParser(ConnectionRules(limits: limits))
        var start = 0
        while start < bytes.count {
            let end = start + min(bytes.count - start, max(1, pieceSize()))
            bytes[start..<end].withUnsafeBytes { parser.append($0) }
            start = end
            drain: while true {
                switch parser.next() {
                case .incomplete: break drain
                case .expectsContinue: continueCount += 1
                case .request: requests.append(Seen(of: parser))
                case .refused(let why):
                    rejection = why
                    return
                }
            }
            waitingBytesMax = max(waitingBytesMax, parser.storage.buffer.count)
        }
        isComplete = !requests.isEmpty && parser.isIdle
    }

    /// A 100 is asked for only while nothing of the body is there, and how much waits depends on
    /// the pieces; all else must not.
    static func == (left: Transcript, right: Transcript) -> Bool {
        left.requests == right.requests && left.rejection == right.rejection
    }
}
