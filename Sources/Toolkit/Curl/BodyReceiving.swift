// Who takes the body of a response, and what the caller learns at its end.

import Synchronization

/// The result of a transfer that ended with a complete response of any status.
package struct TransferSummary: Sendable {
    package var head: ResponseHead
    /// Bytes of the body handed to the receiver; chunked framing does not count.
    package var bodyBytes: Int
    /// From the start to the last byte, waiting for a connection included.
    package var duration: Duration
    /// Whether the connection was opened for this request; on an older one, the response may be
    /// bytes that a misbehaving server sent after an earlier response.
    package var usedNewConnection: Bool
    /// The server's address; `nil` behind a proxy.
    package var address: String?
}

/// Takes the body of a response as it arrives.
///
/// ``attach(_:)`` comes first, from the calling task; then ``receive(head:)`` once, then
/// ``receive(_:)`` for each piece, one call at a time, on the transfer thread that all transfers
/// share: they must not block. No call comes after `perform` has returned or thrown.
package protocol BodyReceiving: AnyObject, Sendable {
    /// Hands over the control that ends a ``ReceiveDecision/pause``; receivers that never pause
    /// need not implement it.
    func attach(_ control: TransferControl)
    /// The head has arrived; called once, before any body byte, also when there is no body.
    func receive(head: ResponseHead) -> ReceiveDecision
    /// The next bytes, at least one, valid during the call only.
    func receive(_ bytes: UnsafeRawBufferPointer) -> ReceiveDecision
}

extension BodyReceiving {
    package func attach(_ control: TransferControl) {}
}

/// What to do with a transfer after bytes were handed over.
package enum ReceiveDecision: Sendable {
    /// The bytes were taken.
    case goOn
    /// The receiver is full and took *nothing* of what it was just given: the same bytes are handed
    /// over again after ``TransferControl/resume()``, perhaps cut differently. Until then curl
    /// stops reading the socket, so that TCP slows the sender down. Returned for a head, which is
    /// not repeated, it holds the body back.
    case pause
    /// The rest is not wanted: the transfer ends with ``CurlError/refusedByReceiver`` and its
    /// connection is closed.
    case stop
}

/// Lets a paused transfer go on.
package struct TransferControl: Sendable {
    let loop: TransferLoop
    let id: UInt64

    /// Lets the transfer go on if it is paused; without effect otherwise. Callable from any thread.
    ///
    /// It takes effect on the transfer thread, hence after any call of the receiver in progress: a
    /// receiver that decides to pause and a consumer that resumes it need only agree, under the
    /// receiver's own lock, that one follows the other; no wake-up is lost in between.
    package func resume() {
        loop.post(.resume(id))
    }
}

/// Keeps a body up to a size and refuses the rest.
final class BodyCollector: BodyReceiving {
    private let bytesMax: Int
    private let collected = Mutex<[UInt8]>([])

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// What has arrived so far.
    var body: [UInt8] { collected.withLock { $0 } }

    func receive(head: ResponseHead) -> ReceiveDecision {
        // Avoids the transfer of a body that is known to be too large; the count below decides.
        let announced = head["Content-Length"].flatMap { Int($0) } ?? 0
        return announced > bytesMax ? .stop : .goOn
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> ReceiveDecision {
        collected.withLock { collected in
            guard collected.count + bytes.count <= bytesMax else { return .stop }
            collected.append(contentsOf: bytes)
            return .goOn
        }
    }
}
