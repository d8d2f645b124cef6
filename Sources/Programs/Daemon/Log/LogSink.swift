// Buffers of log lines, one per writer, which a queue empties into the outputs, so that no event
// loop ever waits for a pipe or a disk.

import CLinux
import Dispatch
import Glibc
import Posix
import Synchronization

/// Takes finished lines and hands them to its outputs: the lines of one buffer in
/// order, those of several buffers as they are fetched. Nothing here waits for an output.
final class LogSink: Sendable {
    /// How long a line that may wait is delayed: waking a thread for every hundred lines took a
    /// thirtieth of a busy service's time.
    private static let patience = DispatchTimeInterval.milliseconds(50)

    /// How long the end of the process waits for its last lines.
    static let drainTime = DispatchTimeInterval.seconds(1)

    private let queue = DispatchQueue(label: "log")
    private let outputs: [LogOutput]
    private let secrets: SecretMask
    private let buffers = Mutex<[LogBuffer]>([])
    /// One timer serves all buffers: with one timer per buffer, each firing emptied the other
    /// buffers too, which then set theirs again, until the log's thread never slept.
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
        // Shared by all writers without a buffer of their own.
        _ = makeBuffer()
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

    /// A buffer for one more writer, for as long as the sink lives.
    func makeBuffer() -> LogBuffer {
        let buffer = LogBuffer(secrets: secrets) { [weak self] in self?.schedule($0) }
        buffers.withLock { $0.append(buffer) }
        return buffer
    }

    /// Queues one line, newline included; secrets in it are masked.
    func write(_ line: [UInt8], mayWait: Bool = false) {
        let common = buffers.withLock { $0[0] }
        line.withUnsafeBufferPointer { common.write($0, mayWait: mayWait) }
    }

    /// Returns when everything queued so far has been written, or after a while: an output may
    /// never take it. For the end of the process.
    func drain(within limit: DispatchTimeInterval = LogSink.drainTime) {
        let deadline = DispatchTime.now() + limit
        queue.sync { writeBuffers() }
        for output in outputs { output.drain(until: deadline) }
    }

    /// Opens `LOG_FILE` anew, for when it has been moved.
    ///
    /// - Parameter done: called once it is open: a line logged before may go to the old file.
    func reopen(done: @escaping @Sendable () -> Void) {
        queue.async {
            self.writeBuffers()
            for output in self.outputs { output.reopen() }
            done()
        }
    }

    /// Does something in a while, on the log's own queue.
    func after(seconds: Int, _ body: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + .seconds(seconds), execute: body)
    }

    private func schedule(_ urgency: LogBuffer.Urgency) {
        switch urgency {
        case .none: break
        case .now: queue.async { self.writeBuffers() }
        case .later:
            guard !timerIsSet.exchange(true, ordering: .acquiringAndReleasing) else { return }
            onTimer(queue) {
                // Reset before the buffers are emptied: a later write sets the next timer.
                self.timerIsSet.store(false, ordering: .releasing)
                self.writeBuffers()
            }
        }
    }

    private func writeBuffers() {
        for buffer in buffers.withLock({ $0 }) {
            let pending = buffer.take()
            guard !pending.isEmpty else { continue }
            for output in outputs { output.add(pending) }
        }
    }
}

/// A buffer of lines that one thread, or one loop, writes and the sink's queue empties: threads
/// with a buffer each do not wait for each other.
final class LogBuffer: Sendable {
    /// Lines wait here for a moment; beyond it, where the machine has no time for the sink's queue,
    /// they are dropped and counted.
    private static let bufferSizeMaxBytes = 4 << 20
    /// Lines that may wait do so up to this many bytes.
    private static let patienceBytes = 256 << 10
    /// Room that a new buffer has from the start, where the last one needed as much.
    private static let roomMaxBytes = 512 << 10

    /// When lines want to be written.
    enum Urgency: Int, Sendable {
        case none
        /// In a while, so that a busy service writes some thousand lines at once.
        case later
        case now
    }

    private struct State {
        var buffer: [UInt8] = []
        /// The highest urgency that was signalled since the last fetch.
        var signalled = Urgency.none
        var linesLost = 0
    }

    private let state = Mutex(State())
    let secrets: SecretMask
    /// Tells the sink that lines wait; called seldom, and without any lock held.
    private let signal: @Sendable (Urgency) -> Void

    init(secrets: SecretMask, signal: @escaping @Sendable (Urgency) -> Void) {
        self.secrets = secrets
        self.signal = signal
    }

    /// Queues one line, newline included; secrets in it are masked.
    ///
    /// - Parameters:
    ///   - own: how many bytes at the line's beginning hold nothing that came from outside, and
    ///     need not be searched for secrets.
    ///   - mayWait: for lines of which there are many, and none of which matters at once.
    func write(_ line: UnsafeBufferPointer<UInt8>, own: Int = 0, mayWait: Bool = false) {
        let urgency = state.withLock { state -> Urgency in
            let start = state.buffer.count
            guard start + line.count <= LogBuffer.bufferSizeMaxBytes else {
                state.linesLost += 1
                return .none
            }
            state.buffer.append(contentsOf: line)
            secrets.mask(&state.buffer, from: start + own)
            let wanted =
                mayWait && state.buffer.count < LogBuffer.patienceBytes ? Urgency.later : .now
            guard wanted.rawValue > state.signalled.rawValue else { return .none }
            state.signalled = wanted
            return wanted
        }
        if urgency != .none { signal(urgency) }
    }

    /// Hands over what has been written so far, the count of lost lines behind it.
    func take() -> [UInt8] {
        state.withLock { state in
            state.signalled = .none
            if state.linesLost > 0 {
                state.buffer += Array("log: \(state.linesLost) lines lost\n".utf8)
                state.linesLost = 0
            }
            let pending = state.buffer
            state.buffer = []
            state.buffer.reserveCapacity(min(pending.count, LogBuffer.roomMaxBytes))
            return pending
        }
    }
}

/// Byte strings that must never leave the process.
struct SecretMask: Sendable {
    private static let mask = Array("[secret]".utf8)

    private let secrets: [[UInt8]]

    init(_ secrets: [String]) {
        // A shorter "secret" would mask ordinary words. The longest is masked first: the rest of a
        // secret around a shorter one would still reveal it.
        self.secrets = secrets.filter { $0.utf8.count >= 4 }
            .flatMap { Set([$0, LogLine.escaped($0, quoted: false), LogLine.escaped($0)]) }
            .map { Array($0.utf8) }
            .sorted { $0.count > $1.count }
    }

    /// Masks secrets from a position in the buffer on.
    func mask(_ buffer: inout [UInt8], from start: Int) {
        for secret in secrets {
            // The mask is never searched: a token may well be the word that stands in it.
            var rest = start
            while let found = SecretMask.position(of: secret, in: buffer, from: rest) {
                buffer.replaceSubrange(found..<found + secret.count, with: SecretMask.mask)
                rest = found + SecretMask.mask.count
            }
        }
    }

    /// Where a text may be cut without a part of a secret being left, which nothing would mask: at
    /// this position, or at the beginning of the secret that lies across it.
    func cut(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
        guard position < text.count else { return text.count }
        return secrets.reduce(position) { cut, secret in
            let start = max(0, cut - secret.count + 1)
            let window = Array(text[start..<min(text.count, cut + secret.count - 1)])
            return SecretMask.position(of: secret, in: window, from: 0).map { start + $0 } ?? cut
        }
    }

    private static func position(
        of needle: borrowing [UInt8], in haystack: borrowing [UInt8], from start: Int
    ) -> Int? {
        haystack.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            let found = needle.withUnsafeBytes { needle in
                memmem(base + start, bytes.count - start, needle.baseAddress, needle.count)
            }
            return found.map { UnsafeRawPointer($0) - base }
        }
    }
}
