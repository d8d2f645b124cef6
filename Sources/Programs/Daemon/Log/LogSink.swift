// Where log lines go: a buffer that a queue empties, so that no event loop ever waits for a pipe or
// a disk.

import CLinux
import Dispatch
import Glibc
import Posix
import Synchronization

/// Takes finished lines and writes them to descriptors in order.
final class LogSink: Sendable {
    /// Lines wait here while the descriptor cannot take them; beyond it they are dropped and
    /// counted, since holding up requests for the sake of their log lines would turn a full disk
    /// into an outage.
    private static let bufferSizeMaxBytes = 4 << 20
    /// How long a line that may wait does, so that a busy service writes some thousand lines at
    /// once: waking a thread for every hundred of them took a thirtieth of its time.
    private static let patience = DispatchTimeInterval.milliseconds(50)
    /// Lines that may wait do so up to this many bytes.
    private static let patienceBytes = 256 << 10
    /// A buffer that grew beyond this is given back to the system.
    private static let spareBytesMax = 512 << 10

    private static let mask = Array("[secret]".utf8)

    private struct State {
        var buffer: [UInt8] = []
        /// Empty storage, to take the buffer's place while that is written.
        var spare: [UInt8] = []
        var flush = Flush.none
        var linesLost = 0
    }

    /// What will empty the buffer.
    private enum Flush {
        case none
        /// It comes in a while.
        case later
        /// It is under way, or comes at once.
        case now
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "log")
    private let descriptors: [Int32]
    /// Byte strings that must never leave the process.
    private let secrets: [[UInt8]]

    /// - Parameter descriptors: open for the life of the process; the sink does not close them.
    init(descriptors: [Int32], secrets: [String]) {
        self.descriptors = descriptors
        // A shorter "secret" would black out ordinary words. The longest goes first: what is left
        // of a secret around a shorter one would still tell.
        self.secrets = secrets.filter { $0.utf8.count >= 4 }
            .flatMap { Set([$0, LogLine.escaped($0, quoted: false), LogLine.escaped($0)]) }
            .map { Array($0.utf8) }
            .sorted { $0.count > $1.count }
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

    /// Queues one line, newline included; secrets in it are masked.
    ///
    /// - Parameter mayWait: for lines of which there are many, and none of which matters at once.
    func write(_ line: UnsafeBufferPointer<UInt8>, mayWait: Bool = false) {
        let begun = state.withLock { state in
            let start = state.buffer.count
            guard start + line.count <= LogSink.bufferSizeMaxBytes else {
                state.linesLost += 1
                return Flush.none
            }
            state.buffer.append(contentsOf: line)
            mask(&state.buffer, from: start)
            return LogSink.beginFlush(&state, mayWait: mayWait)
        }
        schedule(begun)
    }

    /// Queues one line, as ``write(_:mayWait:)`` does.
    func write(_ line: [UInt8], mayWait: Bool = false) {
        line.withUnsafeBufferPointer { write($0, mayWait: mayWait) }
    }

    /// Returns when everything queued so far has been written; for the end of the process.
    func drain() {
        queue.sync { writeBuffer() }
    }

    /// - Returns: the flush that has to be scheduled.
    private static func beginFlush(_ state: inout State, mayWait: Bool) -> Flush {
        let wanted = mayWait && state.buffer.count < patienceBytes ? Flush.later : .now
        switch (state.flush, wanted) {
        case (.none, _), (.later, .now):
            state.flush = wanted
            return wanted
        default:
            return .none
        }
    }

    private func schedule(_ flush: Flush) {
        switch flush {
        case .none: break
        case .now: queue.async { self.flush() }
        case .later: queue.asyncAfter(deadline: .now() + LogSink.patience) { self.flush() }
        }
    }

    /// Writes what is there; what comes meanwhile is a matter for the next time, so that a busy
    /// service does not write every line by itself.
    private func flush() {
        state.withLock { $0.flush = .now }
        writeBuffer()
        schedule(
            state.withLock { state in
                state.flush = .none
                return state.buffer.isEmpty
                    ? .none : LogSink.beginFlush(&state, mayWait: true)
            })
    }

    private func writeBuffer() {
        var pending = state.withLock { state in
            if state.linesLost > 0 {
                state.buffer += Array("log: \(state.linesLost) lines lost\n".utf8)
                state.linesLost = 0
            }
            let pending = state.buffer
            state.buffer = state.spare
            state.spare = []
            return pending
        }
        guard !pending.isEmpty else { return }
        for descriptor in descriptors { writeAll(pending, to: descriptor) }
        guard pending.capacity <= LogSink.spareBytesMax else { return }
        pending.removeAll(keepingCapacity: true)
        state.withLock { [pending] state in state.spare = pending }
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

    /// Masks secrets from a place in the buffer on.
    private func mask(_ buffer: inout [UInt8], from start: Int) {
        for secret in secrets {
            // The mask is never searched: a token may well be the word that stands in it.
            var rest = start
            while let found = LogSink.position(of: secret, in: buffer[rest...]) {
                buffer.replaceSubrange(found..<found + secret.count, with: LogSink.mask)
                rest = found + LogSink.mask.count
            }
        }
    }

    private static func position(of needle: [UInt8], in haystack: ArraySlice<UInt8>) -> Int? {
        haystack.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress,
                let found = memmem(start, bytes.count, needle, needle.count)
            else { return nil }
            return haystack.startIndex + (UnsafeRawPointer(found) - start)
        }
    }
}
