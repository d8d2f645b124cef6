// Writes down what the parser makes of bytes, in the words of Corpus/README.md.

@testable import HTTP

/// Feeds a parser and records its events.
final class EventScribe {
    private var parser: RequestParser
    private(set) var events: [String] = []
    /// The header lines of the requests, in a form that cases can ask for.
    private(set) var headers: [String] = []
    private var isOver = false

    init(limits: Limits = Limits()) {
        parser = RequestParser(ConnectionRules(limits: limits))
    }

    /// The events that bytes cause when they arrive in pieces of the given sizes; the last size
    /// stands for all that follow.
    static func events(
        of bytes: [UInt8], pieces: [Int], limits: Limits = Limits()
    ) -> EventScribe {
        let scribe = EventScribe(limits: limits)
        var start = 0
        var sizes = pieces[...]
        while start < bytes.count {
            let size = sizes.count > 1 ? sizes.removeFirst() : sizes[sizes.startIndex]
            let end = min(bytes.count, start + max(1, size))
            scribe.feed(bytes[start..<end])
            start = end
        }
        return scribe
    }

    private func feed(_ bytes: ArraySlice<UInt8>) {
        guard !isOver else { return }
        bytes.withUnsafeBytes { parser.append($0) }
        while !isOver {
            switch parser.next() {
            case .incomplete: return
            case .expectsContinue: events.append("continue")
            case .refused(let rejection):
                events.append("refused \(rejection.status)")
                isOver = true
            case .request: recordRequest()
            }
        }
    }

    private func recordRequest() {
        let request = Request(parser.storage.parts)
        let verb = parser.refusal.map { "declined \($0.status)" } ?? "request"
        let query = request.query.map { "?\($0)" } ?? ""
        let end = parser.responseRules.keepsOpen ? "open" : "close"
        events.append("\(verb) \(request.methodName) \(request.path)\(query) \(end)")
        if !request.body.isEmpty { events.append("body \(escaped(request.body))") }
        request.trailers.forEach { events.append("trailer \($0): \($1)") }
        request.headers.forEach { headers.append("header \($0.lowercased()): \($1)") }
    }

    private func escaped(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.map { scalar in
            switch scalar {
            case "\r": "\\r"
            case "\n": "\\n"
            default: String(scalar)
            }
        }.joined()
    }
}
