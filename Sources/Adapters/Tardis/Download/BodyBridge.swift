// Between the transfer thread and a proof queue: takes an answer's body without ever blocking the
// one, and hands it in order to the other. It must not know what the bytes are.

import Curl
import Dispatch
import Synchronization

/// Receives one answer: a body that is wanted goes to the sink, any other is kept for a look at it.
final class BodyBridge: BodyReceiving {
    private struct State {
        var head: ResponseHead?
        /// The body is the file's.
        var isWanted = false
        var control: TransferControl?
        /// The beginning of a body that is no file.
        var words: [UInt8] = []
        var wordsBytes = 0
        /// What the sink has not seen yet.
        var waiting: [UInt8] = []
        /// Bytes that may be waiting at once, as far as the head tells.
        var roomBytes = 0
        /// A drain has been queued or runs.
        var isDraining = false
        var isPaused = false
        var isRefused = false
    }

    private let state = Mutex(State())
    private let waitingBytesMax: Int
    private let queue: DispatchQueue
    private let isWanted: @Sendable (ResponseHead) -> Bool
    private let sink: @Sendable (UnsafeRawBufferPointer) -> Bool

    /// Error bodies are a line of JSON or a web page; more of one is not worth the time.
    private static let wordsKeptMax = 64 * 1024
    private static let wordsBytesMax = 1 << 20

    /// - Parameters:
    ///   - waitingBytesMax: how much may wait before the transfer pauses.
    ///   - isWanted: says on the transfer thread whether the body of an answer goes to the sink.
    ///   - sink: called on the queue, with everything that has arrived since; `false` means that
    ///     nothing more is wanted.
    init(
        waitingBytesMax: Int, queue: DispatchQueue,
        isWanted: @escaping @Sendable (ResponseHead) -> Bool = { $0.status == 200 },
        sink: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) {
        self.waitingBytesMax = waitingBytesMax
        self.queue = queue
        self.isWanted = isWanted
        self.sink = sink
    }

    /// The head and the beginning of a body that was no file, once the transfer has ended.
    var answer: (head: ResponseHead?, words: [UInt8]) {
        state.withLock { ($0.head, $0.words) }
    }

    /// Whether the answer's body went to the sink.
    var hasFile: Bool { state.withLock(\.isWanted) }

    /// The status of an answer that was no file, where what it means is known from its head,
    /// whatever became of the body: it broke off, stalled, or was longer than anybody reads. `nil`
    /// where the transfer's own error counts.
    func statusOfRefusal(after error: CurlError) -> Int? {
        guard error != .cancelled, !hasFile, let status = answer.head?.status, status >= 200 else {
            return nil
        }
        // A redirect is taken for what it is only once it is complete, or too long.
        return Reply.isRedirect(status) && error != .refusedByReceiver ? nil : status
    }

    // MARK: On the transfer thread

    func attach(_ control: TransferControl) {
        state.withLock { $0.control = control }
    }

    func receive(head: ResponseHead) -> ReceiveDecision {
        let isWanted = isWanted(head)
        state.withLock { state in
            state.head = head
            state.isWanted = isWanted
            let announced = head["Content-Length"].flatMap { Int($0) } ?? waitingBytesMax
            state.roomBytes = min(max(announced, 0), waitingBytesMax)
        }
        return .goOn
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> ReceiveDecision {
        let (decision, mustDrain) = state.withLock { state -> (ReceiveDecision, Bool) in
            guard state.isWanted else { return (Self.keep(bytes, in: &state), false) }
            if state.isRefused { return (.stop, false) }
            // A single piece larger than the limit must still get through.
            guard
                state.waiting.isEmpty
                    || state.waiting.count + bytes.count <= waitingBytesMax
            else {
                state.isPaused = true
                return (.pause, false)
            }
            // At once as large as it may become: growing would copy what is in it again.
            if state.waiting.isEmpty { state.waiting.reserveCapacity(state.roomBytes) }
            state.waiting.append(contentsOf: bytes)
            defer { state.isDraining = true }
            return (.goOn, !state.isDraining)
        }
        if mustDrain { queue.async { self.drain() } }
        return decision
    }

    private static func keep(
        _ bytes: UnsafeRawBufferPointer, in state: inout State
    ) -> ReceiveDecision {
        state.wordsBytes += bytes.count
        state.words.append(contentsOf: bytes.prefix(wordsKeptMax - state.words.count))
        return state.wordsBytes <= wordsBytesMax ? .goOn : .stop
    }

    // MARK: On the proof queue

    /// Empties the inbox, again and again, until nothing has arrived meanwhile.
    private func drain() {
        var present: [UInt8] = []
        while takeWaiting(into: &present) {
            if present.withUnsafeBytes(sink) { continue }
            let control = state.withLock { state in
                state.isRefused = true
                state.isDraining = false
                state.waiting = []
                return state.control
            }
            // The transfer may be paused; it has to go on to be told to stop.
            control?.resume()
            return
        }
    }

    /// Swaps the inbox with an emptied buffer; the paused transfer may go on at once.
    private func takeWaiting(into present: inout [UInt8]) -> Bool {
        present.removeAll(keepingCapacity: true)
        let (hasBytes, control) = state.withLock { state -> (Bool, TransferControl?) in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return (false, nil)
            }
            swap(&state.waiting, &present)
            defer { state.isPaused = false }
            return (true, state.isPaused ? state.control : nil)
        }
        control?.resume()
        return hasBytes
    }
}
