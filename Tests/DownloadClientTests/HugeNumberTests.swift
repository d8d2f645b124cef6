// Extreme numbers of a service never trap the client.

import APITypes
import JSON
import Synchronization
import TestSupport
import Testing

@testable import download_client

@Suite struct HugeNumberTests {
    private static let numbers = ["9223372036854775807", "-9223372036854775808", "1"]

    /// The shape with numbers of its members replaced, in turn, by those of a list.
    private static func text(_ shape: some JSONWritable, _ numbers: [String]) -> String {
        whole(String(decoding: JSONCoding.encode(shape), as: UTF8.self), numbers)
    }

    private static func whole(_ json: String, _ numbers: [String]) -> String {
        var next = -1
        // Members only: no digits within texts.
        return json.replacing(/":-?[0-9]+/) { _ in
            next += 1
            return "\":\(numbers[next % numbers.count])"
        }
    }

    private static func answer(to target: String, _ isLater: Bool, _ numbers: [String]) -> String {
        let job = isLater ? Sample.ended("failed", failed: 3) : Sample.job()
        if target.hasPrefix("/jobs?") {
            return text(JobListResponse(jobs: [job, job], total: 2), numbers)
        }
        if target.contains("/files") {
            let file =
                #"{"name":"f","exchange":"e","data_type":"trades","symbol":"s","day":"2024-01-01","#
                + #""state":"ok","rows":1,"bytes":1,"seconds":1,"attempts":[]}"#
            return whole(#"{"files":[\#(file)],"total":1}"#, numbers)
        }
        if target.contains("/events") {
            let waiting = WaitReasonResponse(code: "behind", reason: "behind 2 jobs")
            return text(
                JobEventsResponse(jobID: 1, events: [], total: 1, waiting: waiting), numbers)
        }
        if target.contains("/settings") {
            let limit = LimitResponse(value: 1, default: 1, changedBy: nil, changedAt: nil)
            return text(LimitsResponse([.init("transfers", limit)]), numbers)
        }
        return text(job, numbers)
    }

    @Test(
        arguments: [
            ["list"], ["--list-jobs"], ["watch", "12"], ["status", "12"], ["files", "12"],
            ["events", "12"], ["limits"], ["cancel", "12"], ["pause", "12"], ["resume", "12"],
            ["retry", "12"], ["--job-id", "12"],
        ], [[0], [1], [0, 2], [0, 1], [1, 2]])
    func `the client ends by itself for any numbers of a service`(
        command: [String], choice: [Int]
    ) async throws {
        let numbers = choice.map { HugeNumberTests.numbers[$0] }
        let served = Served()
        let server = RawServer { request in
            let isLater = served.count.withLock { count in
                count += 1
                return count > 1
            }
            let body = HugeNumberTests.answer(to: request.target, isLater, numbers)
            return [.reply(request.method == "POST" ? 202 : 200, body)]
        }
        let process = try ProgramRun.start(command + ["--url", server.url])
        let status = await process.waitForExit()
        #expect(status.map { $0 >= 0 } == true, "\(command) \(numbers) \(process.errors)")
        #expect(!server.requests.isEmpty)
    }
}

/// The number of responses.
private final class Served: Sendable {
    let count = Mutex(0)
}
