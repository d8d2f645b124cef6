// The transfer thread: one curl_multi handle, driven until it is closed.

import CCurl
import Concurrency
import Dispatch
import Glibc
import Synchronization

/// Drives all transfers of a client on a serial queue that it occupies for good.
///
/// `@unchecked Sendable`: `transfers`, `limiter` and `stallsCheckedAt` are confined to `queue`.
/// `multi` is used there too, but for curl_multi_wakeup, which any thread may call
/// (curl_multi_wakeup(3)) and which is called only under the mailbox's lock while the mailbox is
/// open, so never after the handle's clean-up.
final class TransferLoop: @unchecked Sendable {
    private struct Mailbox {
        var commands: [TransferCommand] = []
        var isOpen = true
    }

    /// The longest wait without a transfer. Only a safeguard: curl knows its own timers, and
    /// commands end the wait.
    private static let idleWaitMax = Duration.seconds(60)
    /// The longest wait with a transfer: the interval of the checks for stalls and changed rates.
    private static let busyWaitMax = Duration.seconds(1)

    private let queue = DispatchQueue(label: "curl")
    private let settings: CurlSettings
    private let multi: UnsafeMutableRawPointer
    private let mailbox = Mutex(Mailbox())
    private var transfers: [UInt64: Transfer] = [:]
    private let limiter = RateLimiter()
    private var stallsCheckedAt: ContinuousClock.Instant = .now

    init(settings: CurlSettings) {
        precondition(CurlLibrary.isReady, "libcurl cannot be initialised")
        guard let multi = curl_multi_init() else { preconditionFailure("no memory for libcurl") }
        self.settings = settings
        self.multi = multi
        // A limit that curl does not accept would leave the default, which is no limit.
        let limits: [(CURLMoption, Int)] = [
            (CURLMOPT_MAX_TOTAL_CONNECTIONS, settings.connectionsMax),
            (CURLMOPT_MAX_HOST_CONNECTIONS, settings.connectionsPerHostMax),
            (CURLMOPT_MAXCONNECTS, settings.connectionsMax),
        ]
        for (option, value) in limits {
            precondition(value > 0, "a limit is at least one connection")
            precondition(
                ccurl_multi_set_long(multi, option, value) == CURLM_OK,
                "every libcurl that this builds with has the option")
        }
    }

    /// Starts the thread; it keeps the loop alive until it is closed.
    func start() {
        queue.async { self.run() }
    }

    /// Hands a command over; callable from any thread. A transfer that is posted after the close is
    /// cancelled here.
    func post(_ command: TransferCommand) {
        let isTaken = mailbox.withLock { mailbox in
            guard mailbox.isOpen else { return false }
            mailbox.commands.append(command)
            if case .close = command { mailbox.isOpen = false }
            if mailbox.commands.count == 1 { curl_multi_wakeup(multi) }
            return true
        }
        if !isTaken, case .start(let queued) = command { queued.finish(.failure(.cancelled)) }
    }

    // MARK: On the thread

    private func run() {
        dispatchPrecondition(condition: .onQueue(queue))
        let signals = SignalShield()
        defer { signals.lift() }
        while performCommands() {
            applyRates()
            var running: Int32 = 0
            _ = curl_multi_perform(multi, &running)
            reapFinished()
            endStalled()
            _ = curl_multi_poll(multi, nil, 0, waitMilliseconds, nil)
        }
        for queued in limiter.withdrawAll() { queued.finish(.failure(.cancelled)) }
        for id in Array(transfers.keys) { end(id, with: .failure(.cancelled)) }
        curl_multi_cleanup(multi)
    }

    /// Performs the posted commands; `false` after a close.
    private func performCommands() -> Bool {
        let commands = mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
        limiter.adopt(settings.rates(), at: .now)
        for command in commands {
            switch command {
            case .start(let queued):
                if limiter.mayStart(queued, at: .now) { start(queued) }
            case .resume(let id):
                if let result = transfers[id]?.resume() { end(id, with: result) }
            case .cancel(let id):
                limiter.withdraw(id)?.finish(.failure(.cancelled))
                end(id, with: .failure(.cancelled))
            case .close: return false
            }
        }
        return true
    }

    private func start(_ queued: QueuedTransfer) {
        guard !queued.cancellation.isRaised else {
            return queued.finish(.failure(.cancelled))
        }
        do throws(CurlError) {
            let transfer = try Transfer(queued, settings: settings, limiter: limiter)
            guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
                throw .other(Int32(CURLE_FAILED_INIT.rawValue), "curl_multi_add_handle refused")
            }
            transfers[queued.id] = transfer
        } catch {
            queued.finish(.failure(error))
        }
    }

    /// Starts and continues the transfers that the rates allow now.
    private func applyRates() {
        let now = ContinuousClock.now
        while let queued = limiter.next(at: now) { start(queued) }
        limiter.release(at: now) { id in
            if let result = transfers[id]?.letPass() { end(id, with: result) }
        }
    }

    /// How long to wait for curl or a command.
    private var waitMilliseconds: Int32 {
        let idle = transfers.isEmpty ? TransferLoop.idleWaitMax : TransferLoop.busyWaitMax
        let wait = limiter.wait(at: .now).map { min($0, TransferLoop.busyWaitMax) } ?? idle
        // Rounded up: waking a millisecond early would only cost another round.
        return Int32((wait.inSeconds * 1000).rounded(.up))
    }

    private func endStalled() {
        let now = ContinuousClock.now
        guard now - stallsCheckedAt >= TransferLoop.busyWaitMax else { return }
        stallsCheckedAt = now
        for (id, transfer) in transfers {
            if let error = transfer.stall(at: now) { end(id, with: .failure(error)) }
        }
    }

    private func reapFinished() {
        var remaining: Int32 = 0
        while let message = curl_multi_info_read(multi, &remaining) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
                let transfer = Transfer.owner(of: handle)
            else { continue }
            end(transfer.id, with: transfer.result(of: ccurl_message_result(message)))
        }
    }

    /// Removes a transfer from curl, which closes the connection of an incomplete one, and resumes
    /// its caller.
    private func end(_ id: UInt64, with result: Result<TransferSummary, CurlError>) {
        guard let transfer = transfers.removeValue(forKey: id) else { return }
        curl_multi_remove_handle(multi, transfer.handle)
        transfer.queued.finish(result)
    }
}

/// A transfer to perform, and the continuation for its result.
struct QueuedTransfer: Sendable {
    var id: UInt64
    var request: TransferRequest
    var target: TransferTarget
    var receiver: any BodyReceiving
    /// Raised when the transfer need not start: the command to cancel it may reach the thread
    /// before the transfer does.
    var cancellation: CancellationFlag
    /// Called exactly once: on the transfer thread, or on the caller's when the client is closed.
    var finish: @Sendable (Result<TransferSummary, CurlError>) -> Void
}

/// A command for the transfer thread.
enum TransferCommand: Sendable {
    case start(QueuedTransfer)
    case resume(UInt64)
    case cancel(UInt64)
    case close
}

/// libcurl's process-wide state, set up once.
private enum CurlLibrary {
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

/// Blocks SIGPIPE on the calling thread: with CURLOPT_NOSIGNAL curl leaves that to its user, and
/// OpenSSL writes to sockets that their peer has closed.
private struct SignalShield {
    private var previous = sigset_t()

    init() {
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipe, &previous)
    }

    /// Restores the thread's mask: Dispatch reuses the thread.
    func lift() {
        var previous = previous
        pthread_sigmask(SIG_SETMASK, &previous, nil)
    }
}
