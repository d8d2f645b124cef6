// The answer to a request for a file, as a value.

import Testing

@testable import HTTP

@Suite struct FileRepresentationTests {
    private final class Owner: Sendable {}

    @Test func `answers with the whole file`() throws {
        let response = answer(.get)
        #expect(response.status == .ok)
        #expect(
            lines(response) == [
                "Content-Type: text/csv", "Cache-Control: no-cache", #"ETag: "v1""#,
                "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT", "Accept-Ranges: bytes",
            ])
        let body = try #require(region(response))
        #expect(body.offset == 0)
        #expect(body.length == 1000)
    }

    @Test func `answers with a part`() throws {
        let response = answer(.get, ["Range": "bytes=10-19"])
        #expect(response.status == .partialContent)
        #expect(response.headers["Content-Range"] == "bytes 10-19/1000")
        #expect(response.headers["Content-Type"] == "text/csv")
        let body = try #require(region(response))
        #expect(body.offset == 10)
        #expect(body.length == 10)
    }

    @Test func `repeats nothing that the client has from the first part`() {
        let response = answer(.get, ["Range": "bytes=990-", "If-Range": #""v1""#])
        #expect(response.status == .partialContent)
        #expect(
            lines(response) == [
                "Cache-Control: no-cache", #"ETag: "v1""#, "Content-Range: bytes 990-999/1000",
            ])
    }

    @Test(
        arguments: [
            (.head, ["Range": "bytes=10-19"]),
            (.get, ["Range": "bytes=10-19", "If-Range": #""v0""#]),
            (.get, ["Range": "bytes=10-19", "range": "bytes=30-39"]),
            (.get, ["Range": "bytes=20-19"]), (.get, ["If-Range": #""v1""#]),
        ] as [(Method, KeyValuePairs<String, String>)])
    func `answers with all of it where a range does not count`(
        method: Method, fields: KeyValuePairs<String, String>
    ) {
        let response = answer(method, fields)
        #expect(response.status == .ok)
        #expect(response.headers["Content-Range"] == nil)
        #expect(region(response)?.length == 1000)
    }

    @Test func `says how long the file is when a range is behind its end`() {
        let response = answer(.get, ["Range": "bytes=1000-"])
        #expect(response.status == .rangeNotSatisfiable)
        #expect(response.headers["Content-Range"] == "bytes */1000")
        #expect(region(response) == nil)
    }

    @Test func `tells a client that has this version with no more than it needs`() {
        let response = answer(.get, ["If-None-Match": #"W/"v1""#, "Range": "bytes=5000-"])
        #expect(response.status == .notModified)
        #expect(lines(response) == ["Cache-Control: no-cache", #"ETag: "v1""#])
        #expect(region(response) == nil)
    }

    @Test func `fails where another version is meant`() {
        let response = answer(.get, ["If-Match": #""v0""#, "Range": "bytes=5000-"])
        #expect(response.status == .preconditionFailed)
        #expect(region(response) == nil)
    }

    @Test func `can only be read`() {
        let response = answer(.delete, ["If-Match": #""v0""#])
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers["Allow"] == "GET, HEAD")
    }

    @Test func `claims no date in the future`() {
        let response = answer(.get, at: 0)
        #expect(response.headers["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(answer(.get, ["If-Range": "Thu, 01 Jan 1970 00:00:00 GMT"], at: 0).status == .ok)
    }

    private func answer(
        _ method: Method, _ fields: KeyValuePairs<String, String> = [:],
        at nowSeconds: Int64 = 800_000_000
    ) -> Response {
        let file = FileRepresentation(
            FileRegion(number: 0, length: 1000, owner: Owner()), entityTag: EntityTag("v1"),
            modifiedSeconds: 784_111_777,
            headers: Headers(["Content-Type": "text/csv", "Cache-Control": "no-cache"]))
        return file.response(
            to: Request(method: method, path: "/", headers: Headers(fields)),
            nowSeconds: nowSeconds)
    }

    private func region(_ response: Response) -> FileRegion? {
        if case .file(let region) = response.body { region } else { nil }
    }

    private func lines(_ response: Response) -> [String] {
        var lines: [String] = []
        response.headers.forEach { lines.append("\($0): \($1)") }
        return lines
    }
}
