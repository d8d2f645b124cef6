// From curl's header lines to the head of the final answer. It must not call curl.

/// Collects header lines until a head is complete.
struct HeadCollector {
    private var status = 0
    private var headers: [(name: String, value: String)] = []

    /// Takes one line, its line end included.
    ///
    /// - Returns: the head, with the empty line that ends a final one. Interim answers (1xx) are
    ///   skipped (RFC 9110 §15.2), all but 101, after which no other answer comes.
    mutating func take(line: UnsafeRawBufferPointer) -> ResponseHead? {
        let content = HeadCollector.withoutLineEnd(line)
        if content.isEmpty {
            guard status >= 200 || status == 101 else { return nil }
            return ResponseHead(status: status, headers: headers)
        }
        if content.starts(with: "HTTP/".utf8) {
            status = HeadCollector.status(of: content)
            headers = []
        } else if content[0] == UInt8(ascii: " ") || content[0] == UInt8(ascii: "\t") {
            continueLast(with: HeadCollector.text(content[...]))
        } else if let colon = content.firstIndex(of: UInt8(ascii: ":")) {
            headers.append(
                (HeadCollector.text(content[..<colon]), HeadCollector.text(content[(colon + 1)...]))
            )
        }
        return nil
    }

    /// A folded line belongs to the one before, whatever was between them (RFC 9112 §5.2).
    private mutating func continueLast(with text: String) {
        guard let last = headers.indices.last, !text.isEmpty else { return }
        headers[last].value += headers[last].value.isEmpty ? text : " " + text
    }

    /// The three digits after the first space; 0, which no caller takes for an answer, without.
    private static func status(of line: UnsafeRawBufferPointer) -> Int {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return 0 }
        return Int(text(line[(space + 1)...].prefix(3))) ?? 0
    }

    private static func withoutLineEnd(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var count = line.count
        while count > 0,
            line[count - 1] == UInt8(ascii: "\n") || line[count - 1] == UInt8(ascii: "\r")
        {
            count -= 1
        }
        return UnsafeRawBufferPointer(rebasing: line[..<count])
    }

    /// Without white space at either end.
    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let front = bytes.drop(while: isSpace)
        guard let last = front.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(decoding: front[...last], as: UTF8.self)
    }
}
