// GET /jobs page after page: the cursor, and the link to the next page.

import APITypes
import HTTP
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

    @Test func `a cursor that is broken, or comes with an offset, is refused`() async {
        let fixture = await fixture(jobs: 2)
        let good = JobCursor(behind: JobID(2)).text
        for bad in ["", "x", "2", "j2", good + "0", String(good.dropLast()), good.uppercased()] {
            let reply = await fixture.send("GET", "/jobs?cursor=\(bad)")
            #expect(reply.status == 422, "\(bad)")
            #expect(reply.problems == ["value_error @ query.cursor"])
            #expect(reply.text.contains("take next_cursor of the page before"))
        }
        let both = await fixture.send("GET", "/jobs?cursor=\(good)&offset=0")
        #expect(both.status == 422)
        #expect(both.problems == ["value_error @ query.cursor"])
        #expect(both.text.contains("send either cursor or offset, not both"))
        #expect(
            await fixture.send("GET", "/jobs?cursor=x&limit=0&status=z").problems.count == 3)
    }

    @Test(arguments: [1, 9, 35, 36, 1_000_000, Int64.max])
    func `a cursor reads as it was written, and no other digit does`(id: Int64) {
        let cursor = JobCursor(behind: JobID(id))
        #expect(JobCursor(cursor.text) == cursor)
        var changed = Array(cursor.text)
        changed[1] = changed[1] == "1" ? "2" : "1"
        #expect(JobCursor(String(changed)) == nil)
    }
}
