// Files as bodies, over real sockets: what HTTP says of them, and that every byte comes.

import HTTP
import Posix
import TestSupport
import Testing

@testable import HTTPServer

@Suite struct FileTests {
    private let files = FileFixture()

    /// Below and above the size up to which a file is read into its answer, and over several turns.
    @Test(arguments: [0, 1, 5000, 16_384, 16_385, 1_048_576, 3_000_001])
    func `sends a file, and the next one on the same connection`(size: Int) async throws {
        let bytes = files.write("a", bytes: size)
        try await files.serve { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/a") + get("/a", "Connection: close"))
            for _ in 0..<2 {
                let head = try await client.response(hasBody: false)
                #expect(head.status == 200)
                #expect(head.headers["content-length"] == String(size))
                #expect(head.headers["content-type"] == "text/csv")
                #expect(head.headers["accept-ranges"] == "bytes")
                let body = try await client.bytes(count: size)
                #expect(body == bytes)
            }
            #expect(try await client.rest() == "")
        }
    }

    @Test func `sends 64 MiB byte for byte`() async throws {
        let size = 64 * 1024 * 1024
        let bytes = files.write("large", bytes: size)
        let observer = RecordingObserver()
        try await files.serve(observer: observer) { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/large"))
            let head = try await client.response(hasBody: false)
            #expect(head.headers["content-length"] == String(size))
            let body = try await client.bytes(count: size)
            let isSame = areSame(body, bytes)
            #expect(isSame)
            #expect(await eventually { observer.exchanges.count == 1 })
            let exchange = try #require(observer.exchanges.first)
            #expect(exchange.bytesSent > size)
            #expect(!exchange.wasCut)
        }
    }

    @Test func `answers pipelined requests for files and other things in order`() async throws {
        let large = files.write("large", bytes: 400_000)
        let small = files.write("small", bytes: 100)
        try await files.serve { port, _ in
            let client = try TestClient(port: port)
            var requests = ""
            for _ in 0..<20 { requests += get("/large") + get("/none") + get("/small") }
            await client.send(requests)
            for _ in 0..<20 {
                #expect(try await client.response(hasBody: false).status == 200)
                #expect(try await client.bytes(count: large.count) == large)
                #expect(try await client.response().status == 404)
                #expect(try await client.response(hasBody: false).status == 200)
                #expect(try await client.bytes(count: small.count) == small)
            }
        }
        #expect(await eventually { files.openCount("large") == 0 })
        #expect(files.openCount("small") == 0)
    }

    @Test(
        arguments: [
            ("bytes=0-9", 0..<10), ("bytes=199990-", 199_990..<200_000),
            ("bytes=-20", 199_980..<200_000), ("bytes=100-150099", 100..<150_100),
        ])
    func `sends a part`(field: String, part: Range<Int>) async throws {
        let bytes = files.write("a", bytes: 200_000)
        try await files.serve { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/a", "Range: \(field)") + get("/a", "Range: \(field)"))
            for _ in 0..<2 {
                let head = try await client.response(hasBody: false)
                #expect(head.status == 206)
                #expect(head.headers["content-length"] == String(part.count))
                #expect(
                    head.headers["content-range"]
                        == "bytes \(part.lowerBound)-\(part.upperBound - 1)/200000")
                #expect(try await client.bytes(count: part.count) == Array(bytes[part]))
            }
        }
    }

    @Test func `says when a part is behind the end`() async throws {
        files.write("a", bytes: 100)
        try await files.serve { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/a", "Range: bytes=100-"))
            let response = try await client.response()
            #expect(response.status == 416)
            #expect(response.headers["content-range"] == "bytes */100")
            #expect(response.body.contains("detail"))
        }
    }

    @Test func `goes on with this version only`() async throws {
        files.write("a", bytes: 100)
        files.date("a", seconds: 784_111_777)
        try await files.serve { port, _ in
            let client = try TestClient(port: port)
            await client.send(get("/a"))
            let tag = try #require(try await client.response().headers["etag"])
            #expect(!tag.hasPrefix("W/"))
            let ifSame = ["If-Range: \(tag)", "If-Range: Sun, 06 Nov 1994 08:49:37 GMT"]
            for (fields, status) in [(ifSame, 206), ([#"If-Range: "other""#], 200)] {
                for field in fields {
                    await client.send(get("/a", "Range: bytes=50-", field))
                    let head = try await client.response(hasBody: false)
                    #expect(head.status == status)
                    _ = try await client.bytes(count: status == 206 ? 50 : 100)
                }
            }
            files.write("a", bytes: 100)
            await client.send(get("/a", "Range: bytes=50-", ifSame[0]))
            #expect(try await client.response().status == 200)
        }
    }

    @Test func `answers conditions`() async throws {
        files.write("a", bytes: 100_000)
        files.date("a", seconds: 784_111_777)
        try await files.serve(tag: EntityTag("v1")) { port, _ in
            let client = try TestClient(port: port)
            for (field, status) in [
                (#"If-None-Match: "v1""#, 304), (#"If-None-Match: W/"v1""#, 304),
                ("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", 304),
                (#"If-Match: "v0""#, 412),
                ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", 412),
            ] {
                await client.send(get("/a", field))
                let response = try await client.response(hasBody: status != 304)
                #expect(response.status == status)
                #expect((response.headers["content-length"] == nil) == (status == 304))
                #expect((response.headers["etag"] == #""v1""#) == (status == 304))
            }
            await client.send(get("/a", #"If-Match: "v1""#, "Connection: close"))
            let head = try await client.response(hasBody: false)
            #expect(head.status == 200)
            #expect(head.headers["last-modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
            #expect(try await client.restBytes().count == 100_000)
        }
    }

    @Test func `answers HEAD with a GET's head`() async throws {
        files.write("a", bytes: 100_000)
        files.write("small", bytes: 10)
        // A fresh file's tag is weak, and becomes strong at some time.
        for name in ["a", "small"] { files.date(name, seconds: 784_111_777) }
        try await files.serve { port, _ in
            let client = try TestClient(port: port)
            for name in ["a", "small"] {
                await client.send(get("/\(name)"))
                var whole = try await client.response().headers
                await client.send(
                    "HEAD /\(name) HTTP/1.1\r\nHost: a\r\nRange: bytes=1-2\r\n\r\n")
                var head = try await client.response(hasBody: false).headers
                for field in ["x-request-id", "date"] {
                    whole[field] = nil
                    head[field] = nil
                }
                #expect(head == whole)
            }
            #expect(await eventually { files.openCount("a") == 0 })
        }
    }

    @Test func `sends files to HTTP 1_0`() async throws {
        let bytes = files.write("a", bytes: 100_000)
        try await files.serve { port, _ in
            let client = try TestClient(port: port)
            await client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let head = try await client.response(hasBody: false)
            #expect(head.headers["connection"] == "keep-alive")
            #expect(try await client.bytes(count: bytes.count) == bytes)
            await client.send("GET /a HTTP/1.0\r\n\r\n")
            #expect(try await client.response(hasBody: false).headers["connection"] == "close")
            #expect(try await client.bytes(count: bytes.count) == bytes)
            #expect(try await client.rest() == "")
        }
    }

    @Test func `tags versions apart, weakly while the clock cannot`() throws {
        files.write("a", bytes: 10)
        files.write("b", bytes: 10)
        files.date("b", seconds: 784_111_777)
        let root = try ConfinedFolder(root: files.folder.path, creating: false)
        let file = try #require(try root.regularFile("a"))
        let date = file.modifiedNanoseconds
        let fresh = EntityTag(file, nowNanoseconds: date)
        #expect(fresh.isWeak)
        let settled = EntityTag(file, nowNanoseconds: date + 2_000_000_000)
        #expect(!settled.isWeak)
        #expect(fresh.text == "W/" + settled.text)
        let other = try #require(try root.regularFile("b"))
        #expect(EntityTag(other, nowNanoseconds: .max).text != settled.text)
        files.write("b", bytes: 11)
        files.date("b", seconds: 784_111_777)
        let longer = try #require(try root.regularFile("b"))
        #expect(
            EntityTag(longer, nowNanoseconds: .max) != EntityTag(other, nowNanoseconds: .max))
        // A date in whole seconds may be the file system's, not the moment's.
        let second: Int64 = 784_111_777_000_000_000
        #expect(EntityTag(other, nowNanoseconds: second + 1_999_999_999).isWeak)
        #expect(!EntityTag(other, nowNanoseconds: second + 2_000_000_000).isWeak)
    }
}
