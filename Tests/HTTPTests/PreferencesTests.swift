// The Prefer and If-None-Match fields as handlers see them.

import Testing

@testable import HTTP

@Suite struct PreferencesTests {
    private func wait(_ fields: String...) -> String? {
        var headers = Headers()
        for field in fields { headers.append("Prefer", field) }
        return Preferences(headers)["wait"]
    }

    @Test(arguments: [
        ("wait=30", "30"), ("Wait = 30", "30"), ("respond-async, wait=30", "30"),
        ("respond-async; foo=\"a,b;c\", wait=\"30\"; bar", "30"), ("wait=5, wait=9", "5"),
        ("wait", ""), ("wait=\"\"", ""), (" , ,wait=1,", "1"), (#"wait="3\0""#, "30"),
    ])
    func `a preference is found among others`(field: String, value: String) {
        #expect(wait(field) == value)
    }

    @Test(arguments: [
        "", "waiting=30", "foo; wait=30", "foo=\"wait=30\"", "foo=\"a, wait=30", "=5",
    ])
    func `what is no preference of that name is none`(field: String) {
        #expect(wait(field) == nil)
    }

    @Test(
        arguments: [
            (#""a, b; c""#, "a, b; c"), (#""a\"b\\""#, #"a"b\"#), (#"" a ""#, " a "),
            ("\t a\t ", "a"), ("ä ö", "ä ö"), (#""a"#, #""a"#), ("a=b", "a=b"), (" ", ""),
            ("\u{A0}a", "\u{A0}a"),
        ])
    func `a value is what its quotes and blanks enclose`(field: String, value: String) {
        #expect(wait("x=1,wait=\(field)") == value)
    }

    @Test func `eight thousand flags are a value like any other`() {
        // Each pair of them is one character: where one begins depends on all before it.
        let flags = String(repeating: "\u{1F1E9}", count: 8_000)
        #expect(wait("wait= \(flags) ; x") == flags)
        #expect(wait("\(flags), wait=5") == "5")
    }

    @Test func `several lines are one list`() {
        #expect(wait("respond-async", "wait=7", "wait=8") == "7")
        #expect(Preferences(Headers())["wait"] == nil)
    }

    @Test(arguments: [
        (#""a""#, true), (#"W/"a""#, true), (#""b", W/"a""#, true), ("*", true), (#""b""#, false),
        ("a", false), ("", false), (#""a" "b""#, false),
    ])
    func `If-None-Match names versions by weak comparison`(field: String, isNamed: Bool) {
        let condition = IfNoneMatch(Headers(["If-None-Match": field]))
        #expect(condition?.names(EntityTag("a")) == isNamed)
        #expect(condition?.names(EntityTag("a", isWeak: true)) == isNamed)
        #expect(condition?.isAny == (field == "*"))
    }

    @Test func `several lines of If-None-Match are one list, and none is no condition`() {
        var headers = Headers(["If-None-Match": #""b""#])
        headers.append("if-none-match", #""a""#)
        #expect(IfNoneMatch(headers)?.names(EntityTag("a")) == true)
        #expect(IfNoneMatch(Headers()) == nil)
    }
}
