// Paths and methods.

import HTTP
import Testing

@testable import API

@Suite struct RouterTests {
    private static let open = ["/", "/health", "/docs", "/openapi.json"]
    private static let got = open + ["/jobs", "/jobs/1", "/jobs/1/status"]

    @Test(arguments: [
        "/nope", "/jobs/1/2/3", "/Jobs", "/jobs/a%2Fb", "//", "//jobs", "/jobs//status",
        "/jobs/1/x",
        "/download/1", "/redoc", "/%2e%2e/jobs", "jobs", "/jobs/%2F", "/jobs/1//",
    ])
    func `an unknown path is not found for any user`(path: String) async {
        for headers in [["X-Username": "ann"], [:]] as [KeyValuePairs<String, String>] {
            for method in ["GET", "POST", "OPTIONS", "BREW"] {
                let reply = await Fixture(token: "t").send(method, path, headers: headers)
                guard path != "//" else {
                    #expect(reply.status == 307)
                    continue
                }
                #expect(reply.status == 404)
                #expect(reply.text == #"{"detail":"Not Found"}"#)
                #expect(reply.headers["Content-Type"] == "application/json")
            }
        }
    }

    @Test(arguments: got)
    func `what takes GET takes HEAD and OPTIONS, and says so`(path: String) async {
        let fixture = Fixture()
        let more = path == "/jobs/1" ? ["DELETE", "PATCH"] : []
        let allow = (["GET", "HEAD", "OPTIONS"] + more).sorted().joined(separator: ", ")
        let all = ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW", "get"]
        for method in all where !more.contains(method) {
            let reply = await fixture.send(method, path)
            #expect(reply.status == 405)
            #expect(reply.text == #"{"detail":"Method Not Allowed"}"#)
            #expect(reply.headers["Allow"] == allow)
        }
        let options = await fixture.send("OPTIONS", path, headers: [:])
        #expect(options.status == 204)
        #expect(options.headers["Allow"] == allow)
        #expect(options.text == "")
    }

    @Test(arguments: got)
    func `HEAD is handled like GET`(path: String) async {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        let get = await fixture.send("GET", path)
        let head = await fixture.send("HEAD", path)
        #expect(get.status == 200)
        #expect(head.status == 200)
        #expect(head.headers["Content-Type"] == get.headers["Content-Type"])
        #expect(head.text == get.text)
    }

    @Test func `download takes POST and OPTIONS`() async {
        for method in ["GET", "HEAD", "PUT", "DELETE"] {
            let reply = await Fixture().send(method, "/download")
            #expect(reply.status == 405)
            #expect(reply.headers["Allow"] == "OPTIONS, POST")
        }
        #expect(await Fixture().send("OPTIONS", "/download").headers["Allow"] == "OPTIONS, POST")
        let server = await Fixture().send("OPTIONS", "*", headers: [:])
        #expect(server.status == 204)
        #expect(server.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST")
        #expect(await Fixture().send("GET", "*").status == 404)
    }

    @Test func `a slash too many is redirected by a relative path, with the query`() async {
        for (target, right) in [
            ("/jobs/", "../jobs"), ("/jobs/?limit=2", "../jobs?limit=2"), ("/jobs/1/", "../1"),
            ("/docs/", "../docs"), ("/jobs/1/status/?", "../status?"),
            ("/jobs/?a[0]=[1]", "../jobs?a%5B0%5D=%5B1%5D"),
        ] {
            let reply = await Fixture().send("GET", target, headers: [:])
            #expect(reply.status == 307)
            #expect(reply.headers["Location"] == right)
        }
        #expect(await Fixture().send("POST", "/download/").headers["Location"] == "../download")
        #expect(await Fixture().send("GET", "//evil.example/").status == 404)
        #expect(await Fixture().send("GET", "//evil.example").status == 404)
    }

    @Test func `encoded letters are letters`() async {
        #expect(await Fixture().send("GET", "/j%6Fbs").status == 200)
        #expect(await Fixture().send("GET", "/%68ealth").status == 200)
    }
}
