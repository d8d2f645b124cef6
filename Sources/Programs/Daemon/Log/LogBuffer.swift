// One writer's share of the log: lines wait here until the sink fetches them. It must not know
// where they go.

import CLinux
import Glibc
import Synchronization

/// A buffer of lines that one thread, or one loop, writes and the sink's queue empties: threads
/// with a lane each do not wait for each other.
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
        /// What the sink has been told of.
        var told = Urgency.none
        var linesLost = 0
    }

    private let state = Mutex(State())
    let secrets: SecretMask
    /// Tells the sink that there is something to fetch; called seldom, and without any lock held.
    private let tell: @Sendable (Urgency) -> Void

    init(secrets: SecretMask, tell: @escaping @Sendable (Urgency) -> Void) {
        self.secrets = secrets
        self.tell = tell
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
            guard wanted.rawValue > state.told.rawValue else { return .none }
            state.told = wanted
            return wanted
        }
        if urgency != .none { tell(urgency) }
    }

    /// Hands over what has been written so far, the count of lost lines behind it.
    func take() -> [UInt8] {
        state.withLock { state in
            state.told = .none
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
        // A shorter "secret" would black out ordinary words. The longest goes first: what is left
        // of a secret around a shorter one would still tell.
        self.secrets = secrets.filter { $0.utf8.count >= 4 }
            .flatMap { Set([$0, LogLine.escaped($0, quoted: false), LogLine.escaped($0)]) }
            .map { Array($0.utf8) }
            .sorted { $0.count > $1.count }
    }

    /// Masks secrets from a place in the buffer on.
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
    /// this place, or at the beginning of the secret that lies across it.
    func cut(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> Int {
        guard place < text.count else { return text.count }
        return secrets.reduce(place) { cut, secret in
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
