// The composition root: makes every part, wires them together, starts them and stops them in the
// right order. It must not decide anything that a part could decide.

import API
import Curl
import Dispatch
import HTTP
import HTTPServer
import Jobs
import Logging
import Notifiers
import Posix
import Queue
import SQLiteStore
import Tardis

/// The running service.
final class Service: Sendable {
    /// The port that it listens on.
    let port: UInt16

    private let api: DownloadAPI
    private let server: HTTPServer
    private let queue: JobQueue
    private let outbox: NotificationOutbox
    private let cleaner: Cleaner
    private let backups: BackupScheduler
    private let claim: ProcessLock
    private let store: SQLiteJobStore
    private let transfers: CurlClient
    private let messages: CurlClient
    private let background: Task<Void, Never>

    private init(_ parts: ServiceParts, port: UInt16) {
        self.port = port
        api = parts.api
        server = parts.server
        queue = parts.queue
        outbox = parts.outbox
        cleaner = parts.cleaner
        backups = parts.backups
        claim = parts.claim
        store = parts.store
        transfers = parts.transfers
        messages = parts.messages
        let (queue, outbox, sweeper) = (parts.queue, parts.outbox, parts.sweeper)
        let (cleaner, backups) = (parts.cleaner, parts.backups)
        // On a queue of its own: a large disk takes a while, and nobody has to wait for it.
        DispatchQueue(label: "sweep").async { sweeper.sweep() }
        background = Task {
            async let jobs: Void = queue.run()
            async let news: Void = outbox.run()
            async let cleaning: Void = cleaner.run()
            async let copies: Void = backups.run()
            _ = await (jobs, news, cleaning, copies)
        }
    }

    /// Starts everything; requests are answered when it returns.
    ///
    /// - Throws: what keeps the service from running, in words for its operator.
    static func start(_ settings: Settings, sink: LogSink) async throws -> Service {
        let parts = try await ServiceParts(settings, sink: sink)
        do {
            return Service(parts, port: try parts.server.start())
        } catch {
            parts.store.close()
            throw error
        }
    }

    /// Stops accepting, finishes requests, lets transfers end within their own grace and puts the
    /// others back, and lets everything go.
    ///
    /// - Parameter limit: for requests; after it, what is left of them is cut.
    func stop(within limit: Duration) async {
        api.endLongPolls()
        async let requests: Void = server.drain(within: limit)
        async let jobs: Void = queue.stop()
        outbox.stop()
        cleaner.stop()
        backups.stop()
        _ = await (requests, jobs)
        await background.value
        transfers.close()
        messages.close()
        store.close()
    }
}
