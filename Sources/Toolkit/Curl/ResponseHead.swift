// The head of a response: its type, and how it is collected from curl's header lines.

import CCurl

/// The head of a final response, never of an interim 1xx or a proxy's.
package struct ResponseHead: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    /// The target of a redirect as an absolute URL; redirects are never followed automatically.
    package var redirectURL: String?
    /// How long the server asks to wait: the longest of its `Retry-After` fields; `nil` if there is
    /// none, it is malformed, or it has passed.
    package var retryAfter: Duration?

    package init(
        status: Int, headers: [(name: String, value: String)] = [], redirectURL: String? = nil,
        retryAfter: Duration? = nil
    ) {
        self.status = status
        self.headers = headers
        self.redirectURL = redirectURL
        self.retryAfter = retryAfter
    }

    /// The value of the first field with this name, in any case.
    package subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The values of all fields with this name, in any case.
    func values(of name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// Whether the body is wrapped in anything but chunks.
    var hasForeignCoding: Bool {
        values(of: "Transfer-Encoding").contains { value in
            value.split(separator: ",").contains { part in
                part.filter { !$0.isWhitespace }.lowercased() != "chunked"
            }
        }
    }
}

extension ResponseHead {
    /// The longest wait returned, 31 years.
    private static let secondsMax = 1_000_000_000

    /// The longest wait of the `Retry-After` fields (RFC 9110 §10.2.3), in seconds or as a date;
    /// `nil` if there is none, it is malformed, or it has passed. curl's own parser rejects numbers
    /// beyond its integers and uses the last of several fields.
    ///
    /// - Parameter now: seconds since 1970.
    func retryAfter(at now: Int) -> Duration? {
        let longest = values(of: "Retry-After").map { ResponseHead.seconds(of: $0, at: now) }.max()
        guard let longest, longest > 0 else { return nil }
        return .seconds(min(longest, ResponseHead.secondsMax))
    }

    private static func seconds(of value: String, at now: Int) -> Int {
        // A date begins with the day of the week.
        if value.first?.isLetter == true {
            let moment = Int(curl_getdate(value, nil))
            return moment > now ? moment - now : 0
        }
        // Fields that a proxy has joined are separated by commas.
        return value.split(separator: ",").map { part in
            let digits = part.trimmingPrefix(while: \.isWhitespace)
                .prefix { $0.isASCII && $0.isNumber }
            return digits.isEmpty ? 0 : Int(digits) ?? secondsMax
        }.max() ?? 0
    }
}

/// Collects header lines until a head is complete.
struct HeadCollector {
    private var status = 0
    private var headers: [(name: String, value: String)] = []

    /// Takes one line, its line end included.
    ///
    /// - Returns: the head, at the empty line that ends a final one. Interim responses (1xx) are
    ///   skipped (RFC 9110 §15.2), except 101, after which no other response follows.
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

    /// A folded line belongs to the line before (RFC 9112 §5.2).
    private mutating func continueLast(with text: String) {
        guard let last = headers.indices.last, !text.isEmpty else { return }
        headers[last].value += headers[last].value.isEmpty ? text : " " + text
    }

    /// The three digits after the first space; 0, which no caller accepts, without them.
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
