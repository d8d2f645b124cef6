// Paths and queries, taken apart.

import Testing

@testable import HTTP

@Suite struct RequestPartsTests {
    @Test(arguments: [
        ("/", []), ("/jobs", ["jobs"]), ("/jobs/7", ["jobs", "7"]), ("/jobs/", ["jobs", ""]),
        ("//a", ["", "a"]), ("/a%20b", ["a b"]), ("/%2520", ["%20"]), ("/J%C3%B6rg", ["Jörg"]),
        ("/a+b", ["a+b"]), ("/%4", ["%4"]), ("/%zz", ["%zz"]), ("/%ff", ["\u{FFFD}"]),
    ])
    func `takes a path apart and decodes it once`(path: String, segments: [String]) {
        #expect(Request.segments(of: path) == segments)
    }

    @Test(arguments: ["/%00", "/a%2Fb", "*", "jobs"])
    func `refuses a path that could mean something else`(path: String) {
        #expect(Request.segments(of: path) == nil)
    }

    @Test func `reads a query as forms write it`() {
        let request = Request(method: .get, path: "/", query: "a=1&b=x+y%2B&c&&=d&a=2=3")
        let items = request.queryItems.items
        #expect(items.map(\.name) == ["a", "b", "c", "", "a"])
        #expect(items.map(\.value) == ["1", "x y+", "", "d", "2=3"])
        #expect(request.queryItems["a"] == "2=3")
        #expect(request.queryItems["A"] == nil)
    }

    @Test func `has no items without a query`() {
        #expect(Request(method: .get, path: "/").queryItems.items.isEmpty)
    }

    @Test(arguments: [("%", "%"), ("%f", "%f"), ("%zz%41", "%zzA"), ("%ff", "\u{FFFD}")])
    func `leaves alone what is no encoding`(text: String, decoded: String) {
        #expect(QueryItems("a=\(text)")["a"] == decoded)
        #expect(PercentDecoding.decode(text) == decoded)
    }
}
