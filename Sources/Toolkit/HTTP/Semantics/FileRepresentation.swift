// A file as what a resource looks like, and the answer to a request for it: whole, a part, or that
// the client has it already.

/// A part of an open file, to be sent without passing through the program.
package struct FileRegion: Sendable {
    /// The descriptor's number. It is read at given places only, so that several answers may share
    /// one.
    package let number: Int32
    /// Where the part begins, in bytes.
    package let offset: Int
    /// How long it is, in bytes.
    package let length: Int
    /// Keeps the descriptor open; released when all is sent, or the client has gone.
    package let owner: any AnyObject & Sendable

    /// The whole of a file.
    ///
    /// - Parameter length: in bytes.
    package init(number: Int32, length: Int, owner: any AnyObject & Sendable) {
        self.init(number: number, offset: 0, length: length, owner: owner)
    }

    private init(number: Int32, offset: Int, length: Int, owner: any AnyObject & Sendable) {
        precondition(length >= 0, "a part has a length")
        self.number = number
        self.offset = offset
        self.length = length
        self.owner = owner
    }

    /// Where it lies in the file, in bytes.
    package var range: Range<Int> { offset..<(offset + length) }

    /// A part of the part.
    ///
    /// - Parameter range: within it, in bytes from its beginning.
    package func part(_ range: Range<Int>) -> FileRegion {
        precondition(range.lowerBound >= 0, "a part of a part lies within it")
        precondition(range.upperBound <= length, "a part of a part lies within it")
        return FileRegion(
            number: number, offset: offset + range.lowerBound, length: range.count, owner: owner)
    }
}

/// One version of a file, ready to be an answer's body.
package struct FileRepresentation: Sendable {
    package var content: FileRegion
    /// Strong where equal tags mean equal bytes for certain (RFC 9110 §8.8.1).
    package var entityTag: EntityTag
    /// When the file last changed, in seconds since 1970-01-01 00:00 UTC.
    package var modifiedSeconds: Int64
    /// Content-Type, Cache-Control and all else that a 200 with it would carry, without ETag,
    /// Last-Modified and Accept-Ranges.
    package var headers: Headers

    package init(
        _ content: FileRegion, entityTag: EntityTag, modifiedSeconds: Int64,
        headers: Headers = Headers()
    ) {
        self.content = content
        self.entityTag = entityTag
        self.modifiedSeconds = modifiedSeconds
        self.headers = headers
    }

    /// The answer to a request that has chosen this file: 200, 206, 304, 405, 412 or 416.
    ///
    /// - Parameter nowSeconds: the present, in seconds since 1970-01-01 00:00 UTC.
    package func response(to request: Request, nowSeconds: Int64) -> Response {
        guard request.method == .get || request.method == .head else {
            var response = Rejection(.methodNotAllowed, "A file can only be read.").response
            response.headers.append("Allow", "GET, HEAD")
            return response
        }
        let preconditions = Preconditions(
            request.method, request.headers,
            current: Validators(entityTag: entityTag, modifiedSeconds: modifiedSeconds),
            nowSeconds: nowSeconds)
        switch preconditions.outcome {
        case .failed:
            return Rejection(.preconditionFailed, "There is another version now.").response
        case .notModified:
            return Response(status: .notModified, headers: cacheHeaders)
        case .proceed:
            return content(for: request, preconditions, nowSeconds: nowSeconds)
        }
    }

    private func content(
        for request: Request, _ preconditions: Preconditions, nowSeconds: Int64
    ) -> Response {
        switch selection(for: request, preconditions) {
        case .whole:
            return Response(
                status: .ok, headers: allHeaders(nowSeconds: nowSeconds), body: .file(content))
        case .part(let range):
            // Who sends If-Range has the other fields from the first part (RFC 9110 §15.3.7).
            var headers =
                request.headers["If-Range"] == nil
                ? allHeaders(nowSeconds: nowSeconds) : cacheHeaders
            headers.append(
                "Content-Range",
                "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(content.length)")
            return Response(
                status: .partialContent, headers: headers, body: .file(content.part(range)))
        case .unsatisfiable:
            var response = Rejection(.rangeNotSatisfiable, "The file is shorter.").response
            response.headers.append("Content-Range", "bytes */\(content.length)")
            return response
        }
    }

    private func selection(
        for request: Request, _ preconditions: Preconditions
    ) -> RangeSelection {
        let fields = request.headers.all("Range")
        // Ranges are defined for GET alone (RFC 9110 §14.2), and one field has all of them.
        guard request.method == .get, fields.count == 1, preconditions.allowsRange else {
            return .whole
        }
        return RangeSelection(fields[0], length: content.length)
    }

    private func allHeaders(nowSeconds: Int64) -> Headers {
        var headers = headers
        headers.append("ETag", entityTag.text)
        // A file's date may lie in the future; what was sent already may not (RFC 9110 §8.8.2.1).
        let modified = DateLine.text(min(modifiedSeconds, nowSeconds))
        headers.append("Last-Modified", String(decoding: modified, as: UTF8.self))
        headers.append("Accept-Ranges", "bytes")
        return headers
    }

    /// The fields that a client with a copy has a use for, and no others (RFC 9110 §15.4.5).
    private var cacheHeaders: Headers {
        var kept = Headers()
        for name in ["Cache-Control", "Content-Location", "Expires", "Vary"] {
            for value in headers.all(name) { kept.append(name, value) }
        }
        kept.append("ETag", entityTag.text)
        return kept
    }
}
