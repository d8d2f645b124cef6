// A running daemon, asked over real sockets.

package import APITypes
package import Curl
import FoundationEssentials
import Glibc
import JSON
package import TestSupport

/// A daemon under test. Killed with its last reference.
package final class RunningService: Sendable {
    package let process: ChildProcess
    package let url: String
    private let client: CurlClient

    package init(process: ChildProcess, url: String, client: CurlClient) {
        self.process = process
        self.url = url
        self.client = client
    }

    deinit {
        process.send(SIGKILL)
    }

    /// One request, as the user `intern` unless the headers say otherwise.
    package func ask(
        _ method: String, _ path: String, body: String? = nil,
        headers: [(name: String, value: String)] = [("X-Username", "intern")]
    ) async throws -> (head: ResponseHead, body: String) {
        var headers = headers
        if body != nil { headers.append(("Content-Type", "application/json")) }
        let reply = try await client.fetch(
            TransferRequest(
                method: method, url: url + path, headers: headers,
                body: body.map { Array($0.utf8) },
                totalTimeout: .seconds(30)),
            bodyMaxBytes: 8 << 20)
        return (reply.head, String(decoding: reply.body, as: UTF8.self))
    }

    /// Submits a job that must be accepted.
    package func submit(
        exchange: String, symbols: [String], dataTypes: [String] = ["trades"], from start: String,
        to end: String, outputPath: String? = nil
    ) async throws -> SubmitResponse {
        let request = SubmitRequest(
            exchange: exchange, symbols: symbols, startDate: start, endDate: end,
            dataTypes: dataTypes, outputPath: outputPath)
        let body = String(decoding: JSONCoding.encode(request), as: UTF8.self)
        let reply = try await ask("POST", "/download", body: body)
        guard reply.head.status == 202 else { throw ServiceFailure(reply.body) }
        return try JSONCoding.decode(SubmitResponse.self, from: Array(reply.body.utf8))
    }

    package func job(_ id: Int64) async throws -> JobResponse {
        let reply = try await ask("GET", "/jobs/\(id)")
        guard reply.head.status == 200 else { throw ServiceFailure(reply.body) }
        return try JSONCoding.decode(JobResponse.self, from: Array(reply.body.utf8))
    }

    /// Waits until the job has ended.
    package func end(
        of id: Int64, within limit: Duration = .seconds(60)
    ) async throws -> JobResponse {
        let hasEnded = await eventually(within: limit) {
            guard let job = try? await self.job(id) else { return false }
            return ["completed", "failed", "cancelled"].contains(job.status)
        }
        guard hasEnded else {
            // Each look at the job is a line of its own.
            let log = process.errors.split(separator: "\n").filter { !$0.contains("\"access\"") }
            throw ServiceFailure("job \(id) did not end: \(log.suffix(20))")
        }
        return try await job(id)
    }

    /// Asks it to stop and waits for its end.
    ///
    /// - Returns: its exit code.
    package func stop() async -> Int32? {
        process.send(SIGTERM)
        return await process.waitForExit(within: .seconds(15))
    }

    /// Ends it as a power cut would, as far as a process can tell.
    package func crash() async {
        process.send(SIGKILL)
        await process.waitForExit()
    }
}
