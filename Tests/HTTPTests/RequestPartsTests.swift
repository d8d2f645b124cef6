// Paths and queries, taken apart.

import Testing

@testable import HTTP

@Suite struct RequestPartsTests {
    @Test(arguments: [
        ("/", []), ("/jobs", ["jobs"]), ("/jobs/7", ["jobs", "7"]), ("/jobs/", ["jobs", ""]),
        ("//a", ["", "a"]), ("/a%20b", ["a b"]), ("/%2520", ["%20"]), ("/J%C3%B6rg", ["Jörg"]),
        ("/a+b", ["a+b"]),
    ])
    func `takes a path apart and decodes it once`(path: String, segments: [String]) {
        #expect(Request(method: .get, path: path).pathSegments == segments)
    }

    @Test(arguments: ["/%00", "/a%2Fb", "/%ff", "/%C0%AE", "/%4", "/%zz", "*"])
    func `refuses a path that could mean something else`(path: String) {
        #expect(Request(method: .get, path: path).pathSegments == nil)
    }

    @Test func `reads a query as forms write it`() throws {
        let request = Request(method: .get, path: "/", query: "a=1&b=x+y%2B&c&&=d&a=2=3")
        let items = try #require(request.queryItems)
        #expect(items.map(\.name) == ["a", "b", "c", "", "a"])
        #expect(items.map(\.value) == ["1", "x y+", "", "d", "2=3"])
    }

    @Test func `has no items without a query`() {
        #expect(Request(method: .get, path: "/").queryItems?.isEmpty == true)
    }

    @Test(arguments: ["a=%", "a=%f", "a=%ff", "%00=1", "a=%zz"])
    func `refuses a malformed query`(query: String) {
        #expect(Request(method: .get, path: "/", query: query).queryItems == nil)
    }
}
