// The body's part of the parser (RFC 9112 §6, §7.1): by length, or in chunks and followed by
// trailers.

extension RequestParser {
    mutating func takeBody(then next: Stage) -> Bool {
        guard remaining > 0, storage.buffer.count > 0 else { return remaining == 0 }
        makeRoomInBody()
        remaining -= storage.buffer.take(atMost: remaining, into: &storage.parts.body)
        if remaining == 0 { stage = next }
        return remaining == 0
    }

    /// Has the body grow twofold, as arrays do, but not beyond what it can become: an upload that
    /// stalls close to its end must not hold as much again.
    private func makeRoomInBody() {
        let parts = storage.parts
        let needed = parts.body.count + min(remaining, storage.buffer.count)
        guard needed > parts.body.capacity else { return }
        let whole = stage == .body ? parts.body.count + remaining : limits.bodyBytesMax
        parts.body.reserveCapacity(max(needed, min(2 * parts.body.capacity, whole)))
    }

    mutating func parseChunkLine() throws(Rejection) -> Bool {
        // 16 digits of size, and its extensions.
        let lineBytesMax = 16 + limits.chunkExtensionBytesMax
        switch storage.buffer.line(from: storage.buffer.start, bytesMax: lineBytesMax) {
        case .incomplete: return false
        case .tooLong: throw .malformed("A chunk's size line is too long.")
        case .bareLineFeed: throw RequestParser.bareLineFeed
        case .line(let range):
            let (size, ignored) = try ChunkLine.parse(storage.buffer.bytes.span, range)
            extensionBytes += ignored
            guard ignored <= limits.chunkExtensionBytesMax,
                extensionBytes <= limits.chunkExtensionBytesTotalMax
            else { throw .malformed("There are too many chunk extensions.") }
            guard size <= limits.bodyBytesMax - bodyBytes else {
                throw Rejection(.contentTooLarge, "The body is larger than this server takes.")
            }
            storage.buffer.take(upTo: range.upperBound + 2)
            remaining = size
            stage = size == 0 ? .trailers : .chunkData
            return true
        }
    }

    /// The CRLF after a chunk's data: a line that must be empty, judged at its first byte.
    mutating func parseChunkEnd() throws(Rejection) -> Bool {
        let start = storage.buffer.start
        let first = storage.buffer.count > 0 ? storage.buffer.bytes[start] : Byte.carriageReturn
        let second = storage.buffer.count > 1 ? storage.buffer.bytes[start + 1] : Byte.lineFeed
        guard first == Byte.carriageReturn, second == Byte.lineFeed else {
            throw .malformed("A chunk's data does not end where its size says.")
        }
        guard storage.buffer.count > 1 else { return false }
        storage.buffer.take(upTo: start + 2)
        stage = .chunkLine
        return true
    }

    /// Trailer fields (RFC 9112 §7.1.2), kept apart from the header: none of them may say anything
    /// about framing, routing or identity (RFC 9110 §6.5.1).
    mutating func parseTrailers() throws(Rejection) -> Bool {
        while true {
            let first = storage.buffer.start
            let room = limits.trailerBytesMax - trailerBytes
            switch storage.buffer.line(from: first, bytesMax: room) {
            case .incomplete: return false
            case .tooLong:
                throw Rejection(.headerFieldsTooLarge, "The trailer section is too long.")
            case .bareLineFeed: throw RequestParser.bareLineFeed
            case .line(let range):
                trailerBytes += range.count + 2
                if range.isEmpty {
                    storage.buffer.take(upTo: range.upperBound + 2)
                    stage = .requestLine
                    return true
                }
                try takeTrailer(range)
                storage.buffer.take(upTo: range.upperBound + 2)
            }
        }
    }

    private mutating func takeTrailer(_ range: Range<Int>) throws(Rejection) {
        let field = try FieldLine.parse(storage.buffer.bytes.span, range, base: 0)
        let name = text(storage.buffer.bytes.span, field.name)
        let value = text(storage.buffer.bytes.span, field.value)
        guard storage.parts.trailers.count < limits.trailerCountMax else {
            throw Rejection(.headerFieldsTooLarge, "There are too many trailer fields.")
        }
        storage.parts.trailers.append(name, value)
    }
}
