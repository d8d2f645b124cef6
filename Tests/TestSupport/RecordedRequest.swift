// One request as a test server saw it.

/// A request, kept as the bytes it was.
package struct RecordedRequest: Sendable {
    /// The connection it came on: 0 for the first one that the server accepted.
    package var connection: Int
    /// Everything up to and including the empty line.
    package var head: String
    package var body: [UInt8]

    package var method: String { String(requestLine.first ?? "") }
    /// The request target, such as `/v1/exchanges?x=1`.
    package var target: String { requestLine.count > 1 ? String(requestLine[1]) : "" }
    package var bodyText: String { String(decoding: body, as: UTF8.self) }

    private var requestLine: [Substring] {
        head.prefix { $0 != "\r\n" && $0 != "\n" }.split(separator: " ")
    }

    /// The value of the first field with this name, in any case.
    package subscript(name: String) -> String? {
        for line in head.split(whereSeparator: { $0 == "\r\n" }).dropFirst() {
            guard let colon = line.firstIndex(of: ":"),
                line[..<colon].lowercased() == name.lowercased()
            else { continue }
            let value = line[line.index(after: colon)...]
            return String(value.drop { $0 == " " })
        }
        return nil
    }

    /// The first request in the bytes, which then hold what follows it; `nil` while it is
    /// incomplete. Bodies must come with their length.
    static func take(from bytes: inout [UInt8], connection: Int) -> RecordedRequest? {
        guard let headEnd = endOfHead(bytes) else { return nil }
        var request = RecordedRequest(
            connection: connection, head: String(decoding: bytes[..<headEnd], as: UTF8.self),
            body: [])
        let length = request["Content-Length"].flatMap { Int($0) } ?? 0
        guard bytes.count >= headEnd + length else { return nil }
        request.body = Array(bytes[headEnd..<(headEnd + length)])
        bytes.removeFirst(headEnd + length)
        return request
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard bytes.count >= mark.count else { return nil }
        return (mark.count...bytes.count).first {
            bytes[($0 - mark.count)..<$0].elementsEqual(mark)
        }
    }
}
