// One place that the log goes to. A terminal that is stopped, a pipe that nothing reads or a disk
// that hangs holds up nothing but its own copy of the log.

import Dispatch
import Synchronization

/// Lines on their way to a descriptor or a file, written on a queue of their own.
final class LogOutput: Sendable {
    /// Bytes that wait at most; lines beyond it are dropped and counted, since holding up requests
    /// for the sake of their log lines would turn a full disk into an outage.
    private static let waitingMaxBytes = 4 << 20

    private struct State {
        var waiting: [[UInt8]] = []
        var waitingBytes = 0
        var linesLost = 0
        var isWriting = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "log output")
    private let write: @Sendable ([UInt8]) -> Void
    private let openAnew: @Sendable () -> Void

    /// - Parameter descriptor: open for the life of the process; not closed here.
    init(_ descriptor: Int32) {
        write = { Daemon.writeAll($0[...], to: descriptor) }
        openAnew = {}
    }

    init(_ file: LogFile) {
        write = { file.write($0) }
        openAnew = { file.reopen() }
    }

    /// Queues whole lines.
    func add(_ lines: [UInt8]) {
        let begins = state.withLock { state in
            guard state.waitingBytes + lines.count <= LogOutput.waitingMaxBytes else {
                state.linesLost += lines.count { $0 == UInt8(ascii: "\n") }
                return false
            }
            state.waiting.append(lines)
            state.waitingBytes += lines.count
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if begins { queue.async { self.writeWaiting() } }
    }

    /// Opens a file anew, once what was queued so far has been written to the old one.
    func reopen() {
        queue.async { self.openAnew() }
    }

    /// Returns when all that was queued so far has been written, or when the time is over.
    func drain(until deadline: DispatchTime) {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: deadline)
    }

    private func writeWaiting() {
        while let lines = next() {
            for part in lines { write(part) }
        }
    }

    private func next() -> [[UInt8]]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            var lines = state.waiting
            if state.linesLost > 0 {
                lines.append(Array("log: \(state.linesLost) lines lost\n".utf8))
            }
            (state.waiting, state.waitingBytes, state.linesLost) = ([], 0, 0)
            return lines
        }
    }
}
