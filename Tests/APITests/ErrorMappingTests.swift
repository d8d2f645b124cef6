// Errors of the store and of the service itself.

import APITypes
import Datasets
import HTTP
import Jobs
import Logging
import Testing

@testable import API

@Suite struct ErrorMappingTests {
    private func reply(to error: any Error) -> (Reply, [String]) {
        let log = LogRecorder()
        let errors = ErrorMapping(logger: Logger(label: "test") { _ in log })
        return (Reply(errors.response(to: error, request: "req-9")), log.lines)
    }

    @Test func `a failing store is logged and shown in words`() {
        let (reply, lines) = reply(to: JobError.storeFailed("disk I/O error at /secret/path"))
        #expect(reply.status == 503)
        #expect(reply.headers["Retry-After"] == "30")
        #expect(reply.headers["Content-Type"] == "application/json")
        #expect(!reply.text.contains("/secret/path"))
        #expect(
            lines == ["error the store failed error=disk I/O error at /secret/path request=req-9"])
    }

    @Test func `a stopping service says when to retry`() {
        for error in [JobError.stopping, CancellationError()] as [any Error] {
            let (reply, lines) = reply(to: error)
            #expect(reply.status == 503)
            #expect(reply.headers["Retry-After"] == "5")
            #expect(lines.isEmpty)
        }
    }

    @Test func `anything else is internal`() {
        struct Odd: Error {}
        let (reply, lines) = reply(to: Odd())
        #expect(reply.status == 500)
        #expect(reply.text == #"{"detail":"Internal Server Error"}"#)
        #expect(lines == ["error a request failed error=Odd() request=req-9"])
    }

    @Test func `a job that the store misses is not found`() {
        let (reply, _) = reply(to: JobError.notFound(JobID(3)))
        #expect(reply.status == 404)
        #expect(reply.text == #"{"detail":"Job 3 not found"}"#)
    }

    @Test(arguments: [
        ("POST", "/download"), ("GET", "/jobs"), ("GET", "/jobs/1"), ("GET", "/jobs/1/status"),
    ])
    func `every route that needs the store survives its failing`(
        method: String, target: String
    ) async {
        let fixture = Fixture(fault: { _, _ in true })
        let reply = await fixture.send(
            method, target, headers: ["X-Username": "ann"], body: Fixture.goodBody)
        #expect(reply.status == 503)
        #expect(reply.headers["Retry-After"] == "30")
        #expect(fixture.submissions.value == 0)
        #expect(fixture.log.lines.count == 1)
    }
}
