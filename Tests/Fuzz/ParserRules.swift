// Rules that the parser keeps for any input: libFuzzer makes the bytes, and the tests replay those
// that it kept.

@testable import HTTP

enum ParserRules {
    /// Bounds so narrow that short inputs meet them.
    private static let narrowLimits: Limits = {
        var limits = Limits()
        limits.targetBytesMax = 48
        limits.headerBytesMax = 160
        limits.headerCountMax = 6
        limits.blankLinesMax = 1
        limits.bodyBytesMax = 40
        limits.chunkExtensionBytesMax = 24
        limits.chunkExtensionBytesTotalMax = 40
        limits.trailerBytesMax = 48
        limits.trailerCountMax = 2
        return limits
    }()

    /// Runs the parser over bytes in several ways.
    ///
    /// - Returns: what does not hold, in words; empty when all is well.
    static func violations(_ bytes: [UInt8]) -> [String] {
        violations(bytes, limits: Limits()) + violations(bytes, limits: narrowLimits)
    }

    private static func violations(_ bytes: [UInt8], limits: Limits) -> [String] {
        let whole = Transcript(of: bytes, limits: limits) { bytes.count }
        var found = whole.requests.flatMap { violations(of: $0, limits: limits) }
        if whole.waitingBytesMax > waitingBytesMax(limits) {
            found.append("\(whole.waitingBytesMax) bytes wait")
        }
        // Any bytes will do as the sizes of pieces, and the same input is cut the same way again.
        var next = 0
        let cut = Transcript(of: bytes, limits: limits) {
            next += 1
            return Int(bytes[next % bytes.count] & 31)
        }
        if cut != whole { found.append("pieces: \(cut) whole: \(whole)") }
        let single = Transcript(of: bytes, limits: limits) { 1 }
        if single != whole { found.append("bytes: \(single) whole: \(whole)") }
        if single.waitingBytesMax > waitingBytesMax(limits) {
            found.append("\(single.waitingBytesMax) bytes wait, sent one by one")
        }
        return found + violationsWhenRepeated(bytes, whole, limits: limits)
    }

    /// The same bytes once more mean the same once more, though their storage is used again. Empty
    /// lines before the first request could count as behind the last.
    private static func violationsWhenRepeated(
        _ bytes: [UInt8], _ whole: Transcript, limits: Limits
    ) -> [String] {
        guard whole.isComplete, bytes.first != 13 else { return [] }
        let twice = Transcript(of: bytes + bytes, limits: limits) { Int.max }
        guard twice.rejection == nil, twice.requests == whole.requests + whole.requests else {
            return ["repeated: \(twice) once: \(whole)"]
        }
        return []
    }

    /// A head, or one line of a chunk or a trailer, may wait for its end; nothing else may.
    private static func waitingBytesMax(_ limits: Limits) -> Int {
        let head = limits.targetBytesMax + 66 + limits.headerBytesMax + 2
        let line = max(limits.chunkExtensionBytesMax + 18, limits.trailerBytesMax + 2)
        return max(head, line)
    }

    private static func violations(of request: Transcript.Seen, limits: Limits) -> [String] {
        var found: [String] = []
        let isPath = request.path.hasPrefix("/")
        if !isPath, request.path != "*" || request.method != "OPTIONS", request.method != "CONNECT"
        {
            found.append("the path \(request.path)")
        }
        if isPath, request.path.split(separator: "/").contains(where: isDots) {
            found.append("dot segments in \(request.path)")
        }
        if request.path.utf8.contains(where: isNoTargetByte) {
            found.append("the characters of \(request.path)")
        }
        if request.body.count > limits.bodyBytesMax { found.append("\(request.body.count) bytes") }
        // An absolute target's host comes on top of what was sent.
        if request.headers.count > limits.headerCountMax + 1 { found.append("too many headers") }
        if request.trailers.count > limits.trailerCountMax { found.append("too many trailers") }
        for line in request.headers + request.trailers {
            if !line[0].utf8.allSatisfy(isTokenByte) || line[0].isEmpty {
                found.append("the name \(line[0])")
            }
            if line[1].utf8.contains(where: isForbiddenInValue) || line[1] != trimmed(line[1]) {
                found.append("the value \(line[1])")
            }
        }
        let hosts = request.headers.filter { $0[0].lowercased() == "host" }.count
        if hosts > 1 || hosts == 0 && request.rules.minorVersion > 0 {
            found.append("\(hosts) Host fields")
        }
        return found + violationsWhenSentAgain(request, limits: limits)
    }

    /// What was understood, written down anew and with its length in front, must be understood as
    /// the same: else a value carried something that ended a line or a message.
    private static func violationsWhenSentAgain(
        _ request: Transcript.Seen, limits: Limits
    ) -> [String] {
        guard request.refusal == nil else { return [] }
        let query = request.query.map { "?\($0)" } ?? ""
        let kept = request.headers.filter {
            !["content-length", "transfer-encoding", "expect"].contains($0[0].lowercased())
        }
        let lines = kept.map { "\($0[0]): \($0[1])\r\n" }.joined()
        let head =
            "\(request.method) \(request.path)\(query) HTTP/1.\(request.rules.minorVersion)\r\n"
            + "\(lines)Content-Length: \(request.body.count)\r\n\r\n"
        var wider = limits
        // Latin-1 becomes UTF-8, and a Host and a Content-Length may be new.
        wider.headerBytesMax = limits.headerBytesMax * 2 + 64
        wider.headerCountMax += 2
        let again = Transcript(of: Array(head.utf8) + request.body, limits: wider) { Int.max }
        guard again.rejection == nil, again.requests.count == 1, let same = again.requests.first,
            same.method == request.method, same.path == request.path,
            same.query == request.query, same.body == request.body, same.rules == request.rules,
            same.headers.dropLast() == kept[...]
        else { return ["sent again: \(again) first: \(request)"] }
        return []
    }

    private static func isDots(_ segment: Substring) -> Bool {
        let plain = segment.lowercased().replacing("%2e", with: ".")
        return plain == "." || plain == ".."
    }

    private static func isNoTargetByte(_ byte: UInt8) -> Bool { byte <= 0x20 || byte >= 0x7F }

    private static func isForbiddenInValue(_ byte: UInt8) -> Bool {
        byte < 0x20 && byte != 9 || byte == 0x7F
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func trimmed(_ value: String) -> String {
        let bytes = Array(value.utf8)
        let isBlank = { (byte: UInt8) in byte == 9 || byte == 32 }
        let start = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
        let end = (bytes.lastIndex { !isBlank($0) } ?? start - 1) + 1
        return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
    }
}
