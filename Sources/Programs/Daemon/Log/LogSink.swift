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

    private struct State {
        var buffer: [UInt8] = []
        var isFlushing = false
        var linesLost = 0
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
            .flatMap { Set([$0, LogFormat.escaped($0, quoted: false), LogFormat.escaped($0)]) }
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
    func write(_ line: [UInt8]) {
        let line = masked(line)
        let mustFlush = state.withLock { state in
            guard state.buffer.count + line.count <= LogSink.bufferSizeMaxBytes else {
                state.linesLost += 1
                return false
            }
            state.buffer += line
            defer { state.isFlushing = true }
            return !state.isFlushing
        }
        if mustFlush { queue.async { self.flush() } }
    }

    /// Returns when everything queued so far has been written; for the end of the process.
    func drain() {
        queue.sync { self.flush() }
    }

    private func flush() {
        while true {
            let pending: [UInt8]? = state.withLock { state in
                if state.linesLost > 0 {
                    state.buffer += Array("log: \(state.linesLost) lines lost\n".utf8)
                    state.linesLost = 0
                }
                guard !state.buffer.isEmpty else {
                    state.isFlushing = false
                    return nil
                }
                defer { state.buffer = [] }
                return state.buffer
            }
            guard let pending else { return }
            for descriptor in descriptors { writeAll(pending, to: descriptor) }
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

    private func masked(_ line: [UInt8]) -> [UInt8] {
        let mask = Array("[secret]".utf8)
        var line = line
        for secret in secrets {
            // The mask is never searched: a token may well be the word that stands in it.
            var rest = 0
            while let start = LogSink.position(of: secret, in: line[rest...]) {
                line.replaceSubrange(start..<start + secret.count, with: mask)
                rest = start + mask.count
            }
        }
        return line
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
