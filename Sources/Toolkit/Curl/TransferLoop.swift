// The transfer thread: one curl_multi handle, driven until it is closed. It must not know what a
// transfer is for; a `Transfer` does.

import CCurl
import Concurrency
import Dispatch
import Glibc
import Synchronization

/// Drives all transfers of a client on a serial queue that it occupies for good.
///
/// `@unchecked Sendable`: `transfers`, `pace` and `stallsLookedFor` are confined to `queue`.
/// `multi` is used there too, but for curl_multi_wakeup, which any thread may call
/// (curl_multi_wakeup(3)) and which is called only under the mailbox's lock while the mailbox is
/// open, so never after the handle's clean-up.
final class TransferLoop: @unchecked Sendable {
    private struct Mailbox {
        var commands: [TransferCommand] = []
        var isOpen = true
    }

    /// Bounds one wait where nothing is under way. Only a safeguard: curl knows its own timers,
    /// commands wake the wait up.
    private static let idleWaitMax = Duration.seconds(60)
    /// Bounds one wait otherwise: stalls are looked for so often, and rates that have changed.
    private static let busyWaitMax = Duration.seconds(1)

    private let queue = DispatchQueue(label: "curl")
    private let settings: CurlSettings
    private let multi: UnsafeMutableRawPointer
    private let mailbox = Mutex(Mailbox())
    private var transfers: [UInt64: Transfer] = [:]
    private let pace = TransferPace()
    private var stallsLookedFor: ContinuousClock.Instant = .now

    init(settings: CurlSettings) {
        precondition(CurlLibrary.isReady, "libcurl cannot be initialised")
        guard let multi = curl_multi_init() else { preconditionFailure("no memory for libcurl") }
        self.settings = settings
        self.multi = multi
        // curl counts in C longs; a limit that it does not take would leave the default, no limit.
        let limits: [(CURLMoption, Int)] = [
            (CURLMOPT_MAX_TOTAL_CONNECTIONS, settings.connectionsMax),
            (CURLMOPT_MAX_HOST_CONNECTIONS, settings.connectionsPerHostMax),
            (CURLMOPT_MAXCONNECTS, settings.connectionsMax),
        ]
        for (option, value) in limits {
            precondition(value > 0, "a limit is at least one connection")
            // The options exist in every libcurl that this builds with, and take any number.
            precondition(ccurl_multi_set_long(multi, option, value) == CURLM_OK)
        }
    }

    /// Starts the thread; it keeps the loop alive until it is closed.
    func start() {
        queue.async { self.run() }
    }

    /// Hands a command over; callable from any thread. An order that comes after the close ends
    /// here.
    func post(_ command: TransferCommand) {
        let isTaken = mailbox.withLock { mailbox in
            guard mailbox.isOpen else { return false }
            mailbox.commands.append(command)
            if case .close = command { mailbox.isOpen = false }
            if mailbox.commands.count == 1 { curl_multi_wakeup(multi) }
            return true
        }
        if !isTaken, case .start(let order) = command { order.finish(.failure(.cancelled)) }
    }

    // MARK: On the thread

    private func run() {
        dispatchPrecondition(condition: .onQueue(queue))
        let signals = SignalShield()
        defer { signals.lift() }
        while obeyCommands() {
            keepPace()
            var running: Int32 = 0
            _ = curl_multi_perform(multi, &running)
            reapFinished()
            endStalled()
            _ = curl_multi_poll(multi, nil, 0, waitMilliseconds, nil)
        }
        for order in pace.withdrawAll() { order.finish(.failure(.cancelled)) }
        for id in Array(transfers.keys) { end(id, with: .failure(.cancelled)) }
        curl_multi_cleanup(multi)
    }

    /// Does what was asked for; `false` once that was to close.
    private func obeyCommands() -> Bool {
        let commands = mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
        pace.adopt(settings.rates(), at: .now)
        for command in commands {
            switch command {
            case .start(let order):
                if pace.mayBegin(order, at: .now) { begin(order) }
            case .resume(let id):
                if let result = transfers[id]?.resume() { end(id, with: result) }
            case .cancel(let id):
                pace.withdraw(id)?.finish(.failure(.cancelled))
                end(id, with: .failure(.cancelled))
            case .close: return false
            }
        }
        return true
    }

    private func begin(_ order: TransferOrder) {
        guard !order.cancellation.isRaised else {
            return order.finish(.failure(.cancelled))
        }
        do throws(CurlError) {
            let transfer = try Transfer(order, settings: settings, pace: pace)
            guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
                throw .other(Int32(CURLE_FAILED_INIT.rawValue), "curl_multi_add_handle refused")
            }
            transfers[order.id] = transfer
        } catch {
            order.finish(.failure(error))
        }
    }

    /// Begins and lets go on what the rates allow by now.
    private func keepPace() {
        let now = ContinuousClock.now
        while let order = pace.nextOrder(at: now) { begin(order) }
        pace.release(at: now) { id in
            if let result = transfers[id]?.letPass() { end(id, with: result) }
        }
    }

    /// How long nothing needs to be done unless curl or a command says so.
    private var waitMilliseconds: Int32 {
        let idle = transfers.isEmpty ? TransferLoop.idleWaitMax : TransferLoop.busyWaitMax
        let wait = pace.wait(at: .now).map { min($0, TransferLoop.busyWaitMax) } ?? idle
        // Rounded up: a millisecond too early would only be another round.
        return Int32((wait.inSeconds * 1000).rounded(.up))
    }

    private func endStalled() {
        let now = ContinuousClock.now
        guard now - stallsLookedFor >= TransferLoop.busyWaitMax else { return }
        stallsLookedFor = now
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

    /// Takes a transfer out of curl, which closes the connection of one that was not complete, and
    /// then tells its caller.
    private func end(_ id: UInt64, with result: Result<TransferSummary, CurlError>) {
        guard let transfer = transfers.removeValue(forKey: id) else { return }
        curl_multi_remove_handle(multi, transfer.handle)
        transfer.order.finish(result)
    }
}

/// libcurl's process-wide state, set up once.
private enum CurlLibrary {
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

/// Keeps SIGPIPE from the calling thread: with CURLOPT_NOSIGNAL curl leaves that to its user, and
/// OpenSSL writes to sockets that their peer has closed.
private struct SignalShield {
    private var previous = sigset_t()

    init() {
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipe, &previous)
    }

    /// Restores the thread's mask: Dispatch lends the thread to others afterwards.
    func lift() {
        var previous = previous
        pthread_sigmask(SIG_SETMASK, &previous, nil)
    }
}
