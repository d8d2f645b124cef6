// Answers as bytes (RFC 9112 §4, §6, §9).

import Bytes

/// Writes the heads of answers, and the frame around their bodies.
///
/// What every answer has in common is written once a second, not once an answer. Not copyable: each
/// answer would pay for the copies.
package struct ResponseEncoder: ~Copyable, Sendable {
    /// How the body of an answer is delimited (RFC 9112 §6.3).
    package enum Framing: Hashable, Sendable {
        /// No body follows, and none is announced: HEAD, 204, 304.
        case none
        case length(Int)
        case chunked
        /// The end of the connection is the end of the body: the only way for HTTP/1.0.
        case untilClose

        /// Whether a body may follow.
        package var hasBody: Bool {
            if case .none = self { false } else { true }
        }

        /// Whether the client can tell where the body ends while the connection stays open.
        package var endsByItself: Bool {
            if case .untilClose = self { false } else { true }
        }
    }

    private let commonHeaders: Headers
    private let commonNames: [FieldName]
    private let identifierName: FieldName
    /// Bit n is set when a common field's name has n bytes (63: or more): most fields of answers
    /// are told apart from all of them by one look.
    private let commonNameLengths: UInt64
    private var second: Int64?
    /// The Date line, the common lines, and the beginning of the identifier's line.
    private var shared: [UInt8] = []
    /// Where in `shared` the common lines lie.
    private var commonLines = 0..<0
    /// The status lines by code, from 100 on; empty for those that were not needed yet.
    private var statusLines = [[UInt8]](repeating: [], count: 500)

    /// - Parameters:
    ///   - commonHeaders: sent with every answer that has no field of its own by that name.
    ///   - identifierHeader: the name of the field that carries the request's id.
    package init(
        commonHeaders: [(name: String, value: String)] = [],
        identifierHeader: FieldName = "X-Request-ID"
    ) {
        var headers = Headers()
        for (name, value) in commonHeaders { headers.append(name, value) }
        self.commonHeaders = headers
        commonNames = commonHeaders.map { FieldName($0.name) }
        commonNameLengths = headers.fields.reduce(0) { $0 | ResponseEncoder.lengthBit($1) }
        identifierName = identifierHeader
        setDate(0)
    }

    /// Sets the clock of the Date field.
    ///
    /// - Parameter seconds: since 1970-01-01 00:00 UTC.
    package mutating func setDate(_ seconds: Int64) {
        guard seconds != second else { return }
        second = seconds
        shared.removeAll(keepingCapacity: true)
        shared.append(text: "Date: ")
        shared += DateLine.text(seconds)
        shared += ResponseEncoder.lineEnd
        let start = shared.count
        let room = commonHeaders.bytes.count + commonHeaders.count * ResponseEncoder.lineEnd.count
        shared.append(addingCapacity: room) { shared in
            for field in commonHeaders.fields {
                ResponseEncoder.append(commonHeaders, field, to: &shared)
            }
        }
        commonLines = start..<shared.count
        shared.append(text: identifierName.text)
        shared.append(text: ": ")
    }

    /// How the body of an answer will be delimited.
    ///
    /// - Parameter length: the body's, `nil` when it is not known.
    package static func framing(
        _ status: Status, length: Int?, _ rules: ResponseRules
    ) -> Framing {
        // RFC 9110 §8.6: no Content-Length in a 204; and in a 304 it would have to be the 200's.
        if status.code == 204 || status.code == 304 { return .none }
        if let length { return .length(length) }
        // RFC 9112 §6.1: no transfer coding toward HTTP/1.0.
        return rules.minorVersion == 0 ? .untilClose : .chunked
    }

    /// Whether the connection can stay open after an answer: if the client wants it, the handler
    /// does not forbid it by its own `Connection: close`, and the body can end without it.
    package static func keepsOpen(
        _ response: Response, _ framing: Framing, _ rules: ResponseRules
    ) -> Bool {
        guard rules.keepsOpen, framing.endsByItself else { return false }
        return response.headers["Connection"]?.lowercased() != "close"
    }

    /// Writes the head of an answer.
    ///
    /// - Parameters:
    ///   - keepsOpen: what the Connection field says.
    ///   - identifier: the request's id.
    package mutating func appendHead(
        _ status: Status, _ headers: Headers, _ framing: Framing, _ rules: ResponseRules,
        keepsOpen: Bool, identifier: String, to output: inout [UInt8]
    ) {
        let statusLine = statusLine(status)
        let room =
            statusLine.count + shared.count + identifier.utf8.count + headers.bytes.count
            + headers.count * ResponseEncoder.lineEnd.count + ResponseEncoder.framingBytesMax
        output.append(addingCapacity: room) { output in
            output.append(statusLine)
            if headers.fields.contains(where: { replacesCommon(headers, $0) }) {
                appendShared(replacedBy: headers, to: &output)
            } else {
                output.append(shared)
            }
            output.append(text: identifier)
            output.append(ResponseEncoder.lineEnd)
            for field in headers.fields where !isOwn(headers, field) {
                ResponseEncoder.append(headers, field, to: &output)
            }
            ResponseEncoder.append(framing, to: &output)
            if !keepsOpen {
                output.append(text: "Connection: close\r\n")
            } else if rules.minorVersion == 0 {
                // A 1.0 client must be told that its wish is granted (RFC 9112 §9.3).
                output.append(text: "Connection: keep-alive\r\n")
            }
            output.append(ResponseEncoder.lineEnd)
        }
    }

    /// Whether an answer's own field takes the place of a common one.
    private func replacesCommon(_ headers: Headers, _ field: Headers.Field) -> Bool {
        guard commonNameLengths & ResponseEncoder.lengthBit(field) != 0 else { return false }
        return commonNames.contains { headers.matches(field, $0) }
    }

    private static func lengthBit(_ field: Headers.Field) -> UInt64 {
        1 << UInt64(min(field.nameEnd - field.nameStart, 63))
    }

    /// Writes the shared lines without those that an answer's own fields take the place of.
    private func appendShared(
        replacedBy headers: Headers, to output: inout OutputSpan<UInt8>
    ) {
        output.append(shared, 0..<commonLines.lowerBound)
        for (field, name) in zip(commonHeaders.fields, commonNames)
        where headers.first(name) == nil {
            ResponseEncoder.append(commonHeaders, field, to: &output)
        }
        output.append(shared, commonLines.upperBound..<shared.count)
    }

    /// Room for what the server says of framing and connection, and the ends of lines.
    private static let framingBytesMax = 128

    private static func append(_ framing: Framing, to output: inout OutputSpan<UInt8>) {
        switch framing {
        case .none, .untilClose: break
        case .length(let length):
            output.append(text: "Content-Length: ")
            output.append(decimal: length)
            output.append(lineEnd)
        case .chunked:
            output.append(text: "Transfer-Encoding: chunked\r\n")
        }
    }

    private mutating func statusLine(_ status: Status) -> [UInt8] {
        let place = status.code - 100
        if statusLines[place].isEmpty {
            // The space stays before an empty reason (RFC 9112 §4).
            statusLines[place] = Array("HTTP/1.1 \(status.code) \(status.reason)\r\n".utf8)
        }
        return statusLines[place]
    }

    /// The interim answer to `Expect: 100-continue`.
    package static let continueLine = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// The line before a chunk's data (RFC 9112 §7.1).
    package static func appendChunkStart(_ length: Int, to output: inout [UInt8]) {
        precondition(length > 0, "a chunk of nothing would end the body")
        output.append(text: String(length, radix: 16))
        output.append(contentsOf: lineEnd)
    }

    /// The line after a chunk's data.
    package static let chunkEnd: [UInt8] = lineEnd

    /// What ends a chunked body.
    package static let lastChunk = Array("0\r\n\r\n".utf8)

    private static let lineEnd: [UInt8] = [Byte.carriageReturn, Byte.lineFeed]

    /// Whether a field is the server's own business, so that a handler's line is left out.
    private func isOwn(_ headers: Headers, _ field: Headers.Field) -> Bool {
        if headers.matches(field, identifierName) { return true }
        return switch field.nameEnd - field.nameStart {
        case 4: headers.isNamed(field, "date")
        case 10: headers.isNamed(field, "connection") || headers.isNamed(field, "keep-alive")
        case 14: headers.isNamed(field, "content-length")
        case 17: headers.isNamed(field, "transfer-encoding")
        default: false
        }
    }

    /// Writes one field line. A name that is no token is left out, and control characters in a
    /// value become spaces: a value may come from a user, and must not become a line of its own
    /// (RFC 9110 §5.5).
    private static func append(
        _ headers: Headers, _ field: Headers.Field, to output: inout OutputSpan<UInt8>
    ) {
        if headers.isWellFormed {
            output.append(headers.bytes, Int(field.nameStart)..<Int(field.valueEnd))
        } else if headers.isToken(field.name) {
            output.append(headers.bytes, Int(field.nameStart)..<Int(field.valueStart))
            for index in field.value {
                let byte = headers.bytes[index]
                output.append(byte.isForbiddenInValue ? Byte.space : byte)
            }
        } else {
            return
        }
        output.append(lineEnd)
    }
}
