// Where log lines go: buffers that a queue empties into the outputs, so that no event loop ever
// waits for a pipe or a disk.

import Dispatch
import Glibc
import Posix
import Synchronization

/// Takes finished lines and hands them to its outputs: those of one lane in order, those of several
/// lanes as they are fetched. Nothing here waits for an output.
final class LogSink: Sendable {
    /// How long a line that may wait does: waking a thread for every hundred of them took a
    /// thirtieth of a busy service's time.
    private static let patience = DispatchTimeInterval.milliseconds(50)

    /// How long the end of the process waits for its last lines.
    static let drainTime = DispatchTimeInterval.seconds(1)

    private let queue = DispatchQueue(label: "log")
    private let outputs: [LogOutput]
    private let secrets: SecretMask
    private let lanes = Mutex<[LogLane]>([])
    /// One timer serves all lanes: with one of each lane's own, every timer that fired emptied the
    /// others' lanes too, which then set theirs anew, until the log's thread never slept.
    private let timerIsSet = Atomic(false)
    private let onTimer: Timer

    /// Calls a closure when lines that may wait have waited.
    typealias Timer = @Sendable (DispatchQueue, _ fire: @escaping @Sendable () -> Void) -> Void

    /// - Parameters:
    ///   - outputs: each gets every line.
    ///   - secrets: what must never leave the process.
    ///   - onTimer: for tests, which have other timers.
    init(
        outputs: [LogOutput], secrets: [String],
        onTimer: @escaping Timer = { queue, fire in
            queue.asyncAfter(deadline: .now() + LogSink.patience, execute: fire)
        }
    ) {
        self.outputs = outputs
        self.secrets = SecretMask(secrets)
        self.onTimer = onTimer
        // For all who have no lane of their own.
        _ = lane()
    }

    /// Standard error, and `LOG_FILE` where one is set.
    ///
    /// - Throws: ``SystemError`` when the file cannot be opened for appending.
    static func standard(_ settings: Settings) throws(SystemError) -> LogSink {
        var outputs = [LogOutput(STDERR_FILENO)]
        if let path = settings.log.file {
            let file = try LogFile(
                path, bytesMax: settings.log.fileBytesMax, keep: settings.log.filesKeep)
            outputs.append(LogOutput(file))
        }
        return LogSink(outputs: outputs, secrets: settings.secrets)
    }

    /// A lane for one more writer, for as long as the sink lives.
    func lane() -> LogLane {
        let lane = LogLane(secrets: secrets) { [weak self] in self?.schedule($0) }
        lanes.withLock { $0.append(lane) }
        return lane
    }

    /// Queues one line, newline included; secrets in it are masked.
    func write(_ line: [UInt8], mayWait: Bool = false) {
        let common = lanes.withLock { $0[0] }
        line.withUnsafeBufferPointer { common.write($0, mayWait: mayWait) }
    }

    /// Returns when everything queued so far has been written, or after a while: an output may
    /// never take it. For the end of the process.
    func drain(within limit: DispatchTimeInterval = LogSink.drainTime) {
        let deadline = DispatchTime.now() + limit
        queue.sync { writeLanes() }
        for output in outputs { output.drain(until: deadline) }
    }

    /// Opens `LOG_FILE` anew, for when it has been moved.
    ///
    /// - Parameter done: called once it is open; a line that is logged before may go to the old one.
    func reopen(done: @escaping @Sendable () -> Void) {
        queue.async {
            self.writeLanes()
            for output in self.outputs { output.reopen() }
            done()
        }
    }

    /// Does something in a while, on the log's own queue.
    func after(seconds: Int, _ body: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + .seconds(seconds), execute: body)
    }

    private func schedule(_ urgency: LogLane.Urgency) {
        switch urgency {
        case .none: break
        case .now: queue.async { self.writeLanes() }
        case .later:
            guard !timerIsSet.exchange(true, ordering: .acquiringAndReleasing) else { return }
            onTimer(queue) {
                // Before the lanes are emptied: whoever writes after that sets the next one.
                self.timerIsSet.store(false, ordering: .releasing)
                self.writeLanes()
            }
        }
    }

    private func writeLanes() {
        for lane in lanes.withLock({ $0 }) {
            let pending = lane.take()
            guard !pending.isEmpty else { continue }
            for output in outputs { output.add(pending) }
        }
    }
}
