// What a request's head means for its connection: how long the body is, whether the connection
// stays open.

/// How a request's body is delimited (RFC 9112 §6.3).
enum BodyFraming: Hashable, Sendable {
    case none
    case length(Int)
    case chunked
}

/// The rules of RFC 9110 and 9112 that bind a whole head, in the order in which they decide:
/// framing first, because after a framing error nothing else can be believed.
struct MessageFraming: Sendable {
    var framing = BodyFraming.none
    /// Whether the client allows another request after this one (RFC 9112 §9.3).
    var keepsOpen: Bool
    /// Whether the client waits for a 100 before it sends the body (RFC 9110 §10.1.1).
    var expectsContinue = false

    /// - Throws: 400, 413, 417 or 501.
    init(
        _ line: RequestLine, _ headers: Headers, limits: Limits
    ) throws(Rejection) {
        let noted = NotedFields(headers)
        keepsOpen = MessageFraming.keepsOpen(line, headers, noted)
        framing = try MessageFraming.framing(line, headers, noted, limits: limits)
        try MessageFraming.checkHost(line, headers, noted)
        // 1.0 knows no interim answers, so that its expectations are ignored (RFC 9110 §10.1.1).
        guard noted.hasExpect, line.minorVersion == 1 else { return }
        let expectsContinue = try MessageFraming.expectsContinue(headers)
        self.expectsContinue = expectsContinue && framing != .none && framing != .length(0)
    }

    /// A list, in which empty elements do not count (RFC 9110 §10.1.1, §5.6.1).
    private static func expectsContinue(_ headers: Headers) throws(Rejection) -> Bool {
        var (isExpected, isUnknown) = (false, false)
        forEachElement(headers, of: "expect") { element in
            if headers.equals(element, "100-continue") {
                isExpected = true
            } else {
                isUnknown = true
            }
        }
        guard !isUnknown else {
            throw Rejection(.expectationFailed, "The only expectation met is 100-continue.")
        }
        return isExpected
    }

    /// RFC 9112 §6.3, and where it leaves a choice, the strict one: a message whose length two
    /// readers may read differently is refused.
    private static func framing(
        _ line: RequestLine, _ headers: Headers, _ noted: NotedFields, limits: Limits
    ) throws(Rejection) -> BodyFraming {
        if noted.hasTransferEncoding {
            if line.minorVersion == 0 {
                throw .malformed("HTTP/1.0 has no Transfer-Encoding.")
            }
            if noted.contentLength != nil {
                throw .malformed("Content-Length and Transfer-Encoding exclude each other.")
            }
            try checkCodings(headers)
            return .chunked
        }
        guard let range = noted.contentLength else { return .none }
        if noted.hasSecondContentLength {
            throw .malformed("There is more than one Content-Length.")
        }
        let length = try contentLength(headers, range)
        guard length <= limits.bodyBytesMax else {
            throw Rejection(.contentTooLarge, "The body is larger than this server takes.")
        }
        return .length(length)
    }

    /// Digits only: no sign, no list, no space. A number beyond all bounds is `Int.max`, so that
    /// it is refused as too large.
    private static func contentLength(
        _ headers: Headers, _ range: Range<Int>
    ) throws(Rejection) -> Int {
        guard !range.isEmpty else { throw .malformed("Content-Length is empty.") }
        var length = 0
        var isHuge = false
        for index in range {
            let byte = headers.bytes[index]
            guard byte.isDigit else { throw .malformed("Content-Length is not a number.") }
            let (tens, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(byte &- 0x30))
            isHuge = isHuge || overflow || carry
            length = isHuge ? 0 : sum
        }
        return isHuge ? Int.max : length
    }

    /// Exactly one coding, chunked, and it must be the last (RFC 9112 §6.1, §6.3, §7). Empty list
    /// elements are ignored (RFC 9110 §5.6.1).
    private static func checkCodings(_ headers: Headers) throws(Rejection) {
        var chunkedCount = 0
        var otherCount = 0
        var isLastChunked = false
        forEachElement(headers, of: "transfer-encoding") { element in
            isLastChunked = headers.equals(element, "chunked")
            if isLastChunked { chunkedCount += 1 } else { otherCount += 1 }
        }
        guard isLastChunked, chunkedCount == 1 else {
            throw .malformed("Transfer-Encoding does not end in one chunked.")
        }
        guard otherCount == 0 else {
            throw Rejection(.notImplemented, "The only transfer coding understood is chunked.")
        }
    }

    /// RFC 9112 §3.2.
    private static func checkHost(
        _ line: RequestLine, _ headers: Headers, _ noted: NotedFields
    ) throws(Rejection) {
        guard let host = noted.host else {
            if line.minorVersion == 1 { throw .malformed("There is no Host.") }
            return
        }
        if noted.hasSecondHost { throw .malformed("There is more than one Host.") }
        guard Authority.isValid(headers.bytes.span, host) else {
            throw .malformed("The Host is invalid.")
        }
    }

    /// RFC 9112 §9.3: close beats keep-alive, whichever comes first; other options are not ours.
    private static func keepsOpen(
        _ line: RequestLine, _ headers: Headers, _ noted: NotedFields
    ) -> Bool {
        var isClosing = false
        var isKeeping = line.minorVersion == 1
        guard noted.hasConnection else { return isKeeping }
        forEachElement(headers, of: "connection") { element in
            if headers.equals(element, "close") { isClosing = true }
            if headers.equals(element, "keep-alive") { isKeeping = true }
        }
        return isKeeping && !isClosing
    }
}

/// The fields that decide about a message: where the values are of those that come once, and
/// whether there are any of those that are lists.
private struct NotedFields {
    var host: Range<Int>?
    var hasSecondHost = false
    var contentLength: Range<Int>?
    var hasSecondContentLength = false
    var hasTransferEncoding = false
    var hasConnection = false
    var hasExpect = false

    init(_ headers: Headers) {
        for field in headers.fields {
            switch field.nameEnd - field.nameStart {
            case 4 where headers.isNamed(field, "host"):
                hasSecondHost = host != nil
                host = field.value
            case 6 where headers.isNamed(field, "expect"): hasExpect = true
            case 10 where headers.isNamed(field, "connection"): hasConnection = true
            case 14 where headers.isNamed(field, "content-length"):
                hasSecondContentLength = contentLength != nil
                contentLength = field.value
            case 17 where headers.isNamed(field, "transfer-encoding"): hasTransferEncoding = true
            default: break
            }
        }
    }
}

/// Calls the closure for each element that is not empty of the comma-separated list that the
/// fields of a name make together (RFC 9110 §5.3, §5.6.1).
private func forEachElement(
    _ headers: Headers, of name: StaticString, _ body: (Range<Int>) -> Void
) {
    for field in headers.fields where headers.isNamed(field, name) {
        forEachElement(headers, field.value, body)
    }
}

private func forEachElement(
    _ headers: Headers, _ value: Range<Int>, _ body: (Range<Int>) -> Void
) {
    var index = value.lowerBound
    while index <= value.upperBound {
        var end = index
        while end < value.upperBound, headers.bytes[end] != Byte.comma { end += 1 }
        var start = index
        var last = end
        while start < last, headers.bytes[start].isBlank { start += 1 }
        while last > start, headers.bytes[last - 1].isBlank { last -= 1 }
        if start < last { body(start..<last) }
        index = end + 1
    }
}
