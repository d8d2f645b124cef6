// GET /jobs page after page: the cursor, and the link to the next page.

import APITypes
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct PagingTests {
    private func fixture(jobs: Int) async -> Fixture {
        let fixture = Fixture()
        for _ in 0..<jobs { _ = await fixture.submit(Fixture.anotherBody) }
        return fixture
    }

    private func ids(_ reply: Reply) -> [Int] {
        (reply.json["jobs"]?.elements ?? []).compactMap { $0["id"]?.integer }
    }

    @Test func `following the links shows every job once, also beside submissions`() async {
        let fixture = await fixture(jobs: 7)
        var target = "/jobs?limit=3"
        var seen: [[Int]] = []
        while true {
            let reply = await fixture.send("GET", target)
            seen.append(ids(reply))
            #expect(reply.json["total"]?.integer == 6 + seen.count)
            _ = await fixture.submit(Fixture.anotherBody)
            guard let link = reply.headers["Link"] else {
                #expect(reply.json["next_cursor"] == .null)
                break
            }
            let cursor = reply.json["next_cursor"]?.string ?? "?"
            #expect(link == "<?limit=3&cursor=\(cursor)>; rel=\"next\"")
            // Relative to the request: only its query is another.
            target = "/jobs" + String(link.dropFirst().prefix { $0 != ">" })
        }
        #expect(seen == [[7, 6, 5], [4, 3, 2], [1]])
    }

    @Test func `the link keeps the other parameters, encoded, and puts the cursor for offset`()
        async
    {
        let fixture = await fixture(jobs: 4)
        let reply = await fixture.send(
            "GET", "/jobs?offset=1&limit=1&user=ann&x=a%26b%20%3E%22%C3%A9&status=pending")
        #expect(ids(reply) == [3])
        let cursor = reply.json["next_cursor"]?.string ?? "?"
        #expect(
            reply.headers["Link"]
                == "<?limit=1&user=ann&x=a%26b%20%3E%22%C3%A9&status=pending&cursor=\(cursor)>"
                + "; rel=\"next\"")
        #expect(ids(await fixture.send("GET", "/jobs?limit=9&cursor=\(cursor)")) == [2, 1])
        #expect(await fixture.send("GET", "/jobs?limit=4").headers["Link"] == nil)
        #expect(await fixture.send("GET", "/jobs?limit=3").headers["Link"] != nil)
    }

    @Test func `a cursor that is broken is refused`() async {
        let fixture = await fixture(jobs: 2)
        let good = JobCursor(behind: JobID(2)).text
        for bad in ["", "x", "2", "j2", good + "0", String(good.dropLast()), good.uppercased()] {
            let reply = await fixture.send("GET", "/jobs?cursor=\(bad)")
            #expect(reply.status == 422, "\(bad)")
            #expect(reply.problems == ["value_error @ query.cursor"])
            #expect(reply.text.contains("take next_cursor of the page before"))
        }
        #expect(
            await fixture.send("GET", "/jobs?cursor=x&limit=0&status=z").problems.count == 3)
    }

    @Test func `an offset has no effect beside a cursor`() async {
        let fixture = await fixture(jobs: 4)
        let cursor = JobCursor(behind: JobID(3)).text
        for offset in [0, 1, 100] {
            let page = await fixture.send("GET", "/jobs?cursor=\(cursor)&offset=\(offset)")
            #expect(ids(page) == [2, 1])
        }
    }

    @Test(arguments: [0, 1, 9, 35, 36, 1_000_000, Int64.max])
    func `a cursor reads as it was written, and as the document says`(id: Int64) async throws {
        let cursor = JobCursor(behind: JobID(id))
        #expect(JobCursor(cursor.text) == cursor)
        #expect(try cursor.text.wholeMatch(of: Regex(JobCursor.pattern)) != nil)
    }

    @Test func `any word that the document allows is a cursor`() async {
        let fixture = await fixture(jobs: 2)
        let first = await fixture.send("GET", "/jobs?cursor=j" + String(repeating: "z", count: 13))
        #expect(ids(first) == [2, 1])
        let none = await fixture.send("GET", "/jobs?cursor=j" + String(repeating: "0", count: 13))
        #expect(none.status == 200)
        #expect(ids(none) == [])
    }
}

/// Whole numbers in paths and queries, recorded from pydantic 2.5.
@Suite struct IntegerTextTests {
    @Test(arguments: [
        ("1", "1"), ("01", "1"), ("-1", "-1"), ("+1", "1"), ("1_0", "10"), ("1.0", "1"),
        ("1.00", "1"), ("1.", "1"), ("-0", "0"), ("-01", "-1"), ("-1.0", "-1"), ("0_1", "1"),
        ("00", "0"), ("-_1", "-1"), ("-0.0", "0"), ("+_1", "1"), ("007.000", "7"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("99999999999999999999999", "99999999999999999999999"),
    ])
    func `reads what pydantic read`(text: String, number: String) {
        #expect(IntegerText(text)?.description == number)
    }

    @Test(arguments: [
        "", "-", "+", "--1", "+-1", "1__0", "_1", "1_", "1.0_0", ".0", "0x1", "1e3", "1_0.0",
        "1 0", "１", "1.0.0", "1_.0", " 1", "1 ", "abc", "1.5", "true", "１２", "1\n", "1\0",
    ])
    func `refuses what pydantic refused`(text: String) {
        #expect(IntegerText(text) == nil)
    }

    @Test func `stays in range where the number does not`() {
        #expect(IntegerText("99999999999999999999")?.value == nil)
        #expect(IntegerText("99999999999999999999")?.clamped == .max)
        #expect(IntegerText("-99999999999999999999")?.clamped == .min)
    }
}
