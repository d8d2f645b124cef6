// An API on fakes, and requests to it.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import Logging
import TestSupport

@testable import API

/// An API on a store in memory and a catalogue of one exchange.
struct Fixture {
    let api: DownloadAPI
    let store: InMemoryJobStore
    let submissions = Counter()
    let limits: RuntimeLimits
    let runner = FixedJobRunner()
    let log = LogRecorder()

    /// 2024-06-15, ten past eight.
    static let now = Timestamp("2024-06-15T08:10:00.000001Z")!

    init(
        token: String? = nil, users: [String] = [], admins: [String] = [],
        adminToken: String? = nil, hosts: [String] = [],
        root: String = "./datasets",
        workingFolder: String? = "/srv", filesMax: Int = 100,
        catalogue: any CatalogueProviding = FixedCatalogue(),
        health: any HealthChecking = FixedHealth(), time: any Timekeeping = FixedTime(),
        leavesRoot: @escaping @Sendable ([String]) async -> Bool = { _ in false },
        limits submissionLimits: UserQuota = .none, other: (any JobStore & LimitStore)? = nil,
        fault: InMemoryJobStore.Fault? = nil
    ) {
        store = InMemoryJobStore(fault: fault)
        limits = RuntimeLimits(
            defaults: ServiceLimits(
                userQueuedJobs: submissionLimits.queuedJobsMax,
                userFilesPerDay: submissionLimits.filesPerDayMax))
        let log = self.log
        let submissions = self.submissions
        api = DownloadAPI(
            APIDependencies(
                store: other ?? store, limitStore: other ?? store, runner: runner,
                catalogue: catalogue, time: time, health: health,
                authentication: AuthenticationSettings(
                    token: token, allowedUsers: users, adminUsers: admins,
                    adminToken: adminToken, hosts: hosts),
                dataRoot: DataRoot(root, workingFolder: workingFolder), leavesRoot: leavesRoot,
                filesMax: filesMax, limits: limits, version: "2.0.0",
                submitted: { _ in submissions.add() },
                logger: Logger(label: "test") { _ in log }))
    }

    /// Sends a request as ann, unless headers say otherwise.
    func send(
        _ method: String = "GET", _ target: String,
        headers: KeyValuePairs<String, String> = ["X-Username": "ann"], body: String = ""
    ) async -> Reply {
        await send(method, target, headers: headers, bytes: Array(body.utf8))
    }

    func send(
        _ method: String, _ target: String, headers: KeyValuePairs<String, String>,
        bytes: [UInt8]
    ) async -> Reply {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = Request(
            method: Method(token: method), path: String(parts[0]),
            query: parts.count > 1 ? String(parts[1]) : nil, headers: Headers(headers),
            body: bytes, id: "req-1", peer: "127.0.0.1")
        return await Reply.read(await api.respond(to: request))
    }

    /// Sends a body to POST /download as JSON.
    ///
    /// - Parameter key: the value of `Idempotency-Key`.
    func submit(_ body: String, as user: String = "ann", key: String? = nil) async -> Reply {
        if let key {
            return await send(
                "POST", "/download", headers: ["X-Username": user, "Idempotency-Key": key],
                body: body)
        }
        return await send(
            "POST", "/download",
            headers: ["X-Username": user, "Content-Type": "application/json"], body: body)
    }

    /// Submits a job of two files and lets the first be published at the second attempt, and the
    /// second fail.
    ///
    /// - Parameter failure: why the second fails.
    @discardableResult
    func finishJob(because failure: FileFailure = Fixture.refused) async -> Job? {
        _ = await submit(Fixture.goodBody)
        let now = Fixture.now
        guard let job = try? await store.claimJob(at: now) else { return nil }
        let days = ["2024-01-01", "2024-01-02"].compactMap(Day.init)
        let plan = days.map { day in
            PlannedFile(
                file: DatasetFile(
                    exchange: "binance", dataType: .trades, day: day, symbol: "BTCUSDT"))
        }
        let slow = FileFailure(code: "unavailable", detail: "Tardis answered 503.", httpStatus: 503)
        try? await store.expand(job.id, into: plan, notes: [])
        for (second, position, ending) in [
            (0, 0, .retry(at: now, slow)), (2, 0, .published(.sample)), (3, 1, .failed(failure)),
        ] as [(Int, Int, AttemptResult)] {
            _ = try? await store.claimFiles(of: job.id, limit: 2, at: now)
            let span = AttemptSpan(
                from: now + .seconds(second), to: now + .seconds(second) + .milliseconds(250))
            try? await store.record(ending, of: job.id, position: position, during: span)
        }
        return try? await store.finish(
            job.id, as: .failed, errorMessage: "1 of 2 files failed.", at: now)
    }

    static let refused = FileFailure(
        code: "refused", detail: "Tardis answered 400.", httpStatus: 400)

    /// Asks for the same again, and for a job of its own.
    static let anotherBody: String = goodBody.dropLast() + #","force":true}"#

    static let goodBody =
        #"{"exchange":"binance","symbols":["BTCUSDT"],"#
        + #""start_date":"2024-01-01","end_date":"2024-01-02"}"#
}

/// A reply, read.
struct Reply {
    var status: Int
    var headers: Headers
    var text: String
    /// How long each piece of a streamed reply was, in bytes.
    var pieces: [Int] = []

    init(_ response: Response) {
        status = response.status.code
        headers = response.headers
        if case .bytes(let bytes) = response.body {
            text = String(decoding: bytes, as: UTF8.self)
        } else {
            text = ""
        }
    }

    /// Reads a streamed reply, too.
    static func read(_ response: Response) async -> Reply {
        var reply = Reply(response)
        guard case .stream(_, let producer) = response.body else { return reply }
        let pieces = Pieces()
        do {
            try await producer(pieces)
            reply.text = String(decoding: await pieces.bytes, as: UTF8.self)
            reply.pieces = await pieces.sizes
        } catch {
            reply.text = "cut: \(error)"
        }
        return reply
    }

    /// Collects what is streamed.
    actor Pieces: BodyWriting {
        var bytes: [UInt8] = []
        var sizes: [Int] = []

        func write(_ piece: [UInt8]) {
            bytes += piece
            sizes.append(piece.count)
        }
    }

    var json: JSONValue { (try? JSONReader.read(Array(text.utf8))) ?? .null }

    /// `type @ loc` of every problem of a 422.
    var problems: [String] {
        (json["detail"]?.elements ?? []).map { problem in
            let steps = (problem["loc"]?.elements ?? []).map { step in
                step.string ?? step.integer.map(String.init) ?? "?"
            }
            return (problem["type"]?.string ?? "?") + " @ " + steps.joined(separator: ".")
        }
    }
}
