// Hands a response's body from the transfer thread to a work queue, in order, without blocking the
// transfer thread.

import Curl
import Dispatch
import Synchronization

/// Receives one response: a wanted body goes to the sink, the beginning of any other one is kept.
final class BodyBridge: BodyReceiving {
    private struct State {
        var head: ResponseHead?
        var isWanted = false
        var control: TransferControl?
        /// The beginning of a body that is not wanted.
        var errorBody: [UInt8] = []
        var errorBodyBytes = 0
        /// Bytes that the sink has not received yet.
        var waiting: [UInt8] = []
        /// The largest size that `waiting` can reach, as the head announces it.
        var capacityBytes = 0
        /// A drain is queued or runs.
        var isDraining = false
        var isPaused = false
        var isRefused = false
    }

    private let state = Mutex(State())
    private let waitingBytesMax: Int
    private let queue: DispatchQueue
    private let isWanted: @Sendable (ResponseHead) -> Bool
    private let sink: @Sendable (UnsafeRawBufferPointer) -> Bool

    /// Error bodies are a line of JSON or a web page: more than this is not read.
    private static let errorBodyKeptMax = 64 * 1024
    private static let errorBodyBytesMax = 1 << 20

    /// - Parameters:
    ///   - waitingBytesMax: bytes that may wait before the transfer pauses.
    ///   - isWanted: called on the transfer thread; whether the body goes to the sink.
    ///   - sink: called on the queue, with all bytes since the last call; returns `false` to stop
    ///     the transfer.
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

    /// The head, and the beginning of a body that was not wanted, once the transfer has ended.
    var response: (head: ResponseHead?, body: [UInt8]) {
        state.withLock { ($0.head, $0.errorBody) }
    }

    /// Whether the response's body went to the sink.
    var hasFile: Bool { state.withLock(\.isWanted) }

    /// The status of a response whose head says all, even though its body broke off, stalled or was
    /// too long. `nil` if the transfer's own error counts.
    func statusOfRefusal(after error: CurlError) -> Int? {
        guard error != .cancelled, !hasFile, let status = response.head?.status, status >= 200
        else {
            return nil
        }
        // A redirect counts only if it is complete, or too long.
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
            state.capacityBytes = min(max(announced, 0), waitingBytesMax)
        }
        return .goOn
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> ReceiveDecision {
        let (decision, mustDrain) = state.withLock { state -> (ReceiveDecision, Bool) in
            guard state.isWanted else { return (Self.appendError(bytes, in: &state), false) }
            if state.isRefused { return (.stop, false) }
            // A single piece larger than the limit must still get through.
            guard
                state.waiting.isEmpty
                    || state.waiting.count + bytes.count <= waitingBytesMax
            else {
                state.isPaused = true
                return (.pause, false)
            }
            // Growing step by step would copy the bytes each time.
            if state.waiting.isEmpty { state.waiting.reserveCapacity(state.capacityBytes) }
            state.waiting.append(contentsOf: bytes)
            defer { state.isDraining = true }
            return (.goOn, !state.isDraining)
        }
        if mustDrain { queue.async { self.drain() } }
        return decision
    }

    private static func appendError(
        _ bytes: UnsafeRawBufferPointer, in state: inout State
    ) -> ReceiveDecision {
        state.errorBodyBytes += bytes.count
        state.errorBody.append(
            contentsOf: bytes.prefix(errorBodyKeptMax - state.errorBody.count))
        return state.errorBodyBytes <= errorBodyBytesMax ? .goOn : .stop
    }

    // MARK: On the queue

    /// Passes waiting bytes to the sink until there are none.
    private func drain() {
        var batch: [UInt8] = []
        while swapWaiting(with: &batch) {
            if batch.withUnsafeBytes(sink) { continue }
            let control = state.withLock { state in
                state.isRefused = true
                state.isDraining = false
                state.waiting = []
                return state.control
            }
            // A paused transfer stops only after it has resumed.
            control?.resume()
            return
        }
    }

    /// Swaps the waiting bytes with an emptied buffer; a paused transfer resumes at once.
    ///
    /// - Returns: whether there were any.
    private func swapWaiting(with batch: inout [UInt8]) -> Bool {
        batch.removeAll(keepingCapacity: true)
        let (hasBytes, control) = state.withLock { state -> (Bool, TransferControl?) in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return (false, nil)
            }
            swap(&state.waiting, &batch)
            defer { state.isPaused = false }
            return (true, state.isPaused ? state.control : nil)
        }
        control?.resume()
        return hasBytes
    }
}
