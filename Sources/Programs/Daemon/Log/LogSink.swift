// Where log lines go: buffers that a queue empties, so that no event loop ever waits for a pipe or
// a disk.

import Dispatch
import Glibc
import Posix
import Synchronization

/// Takes finished lines and writes them to descriptors: those of one lane in order, those of
/// several lanes as they are fetched.
final class LogSink: Sendable {
    /// How long a line that may wait does: waking a thread for every hundred of them took a
    /// thirtieth of a busy service's time.
    private static let patience = DispatchTimeInterval.milliseconds(50)

    private let queue = DispatchQueue(label: "log")
    private let descriptors: [Int32]
    private let secrets: SecretMask
    private let lanes = Mutex<[LogLane]>([])
    /// One timer serves all lanes: with one of each lane's own, every timer that fired emptied the
    /// others' lanes too, which then set theirs anew, until the log's thread never slept.
    private let timerIsSet = Atomic(false)
    private let onTimer: Timer

    /// Calls a closure when lines that may wait have waited.
    typealias Timer = @Sendable (DispatchQueue, _ fire: @escaping @Sendable () -> Void) -> Void

    /// - Parameters:
    ///   - descriptors: open for the life of the process; the sink does not close them.
    ///   - secrets: what must never leave the process.
    ///   - onTimer: for tests, which have other timers.
    init(
        descriptors: [Int32], secrets: [String],
        onTimer: @escaping Timer = { queue, fire in
            queue.asyncAfter(deadline: .now() + LogSink.patience, execute: fire)
        }
    ) {
        self.descriptors = descriptors
        self.secrets = SecretMask(secrets)
        self.onTimer = onTimer
        // For all who have no lane of their own.
        _ = lane()
    }

    /// Standard error, and `LOG_FILE` where one is set.
    ///
    /// - Throws: ``SystemError`` when the file cannot be opened for appending.
    static func standard(_ settings: Settings) throws(SystemError) -> LogSink {
        var descriptors = [STDERR_FILENO]
        if let file = settings.log.file {
            let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
            descriptors.append(try syscall("open") { open(file, flags, 0o640) })
        }
        return LogSink(descriptors: descriptors, secrets: settings.secrets)
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

    /// Returns when everything queued so far has been written; for the end of the process.
    func drain() {
        queue.sync { writeLanes() }
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
            for descriptor in descriptors { writeAll(pending, to: descriptor) }
            lane.giveBack(pending)
        }
    }

    private func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { bytes in
            var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
            while !rest.isEmpty {
                let piece = rest
                // A log that cannot be written has nowhere to complain.
                guard
                    let count = try? syscall(
                        "write", { Glibc.write(descriptor, piece.baseAddress, piece.count) })
                else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}
