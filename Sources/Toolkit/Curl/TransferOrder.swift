// What a caller hands over to the transfer thread.

import Synchronization

/// A transfer to make, and whom to tell how it ended.
struct TransferOrder: Sendable {
    var id: UInt64
    var request: TransferRequest
    var target: TransferTarget
    var receiver: any BodyReceiving
    var cancellation: CancellationFlag
    /// Called exactly once, on the transfer thread or, when the client is closed, the caller's.
    var finish: @Sendable (Result<TransferSummary, CurlError>) -> Void
}

/// What the transfer thread is asked to do.
enum TransferCommand: Sendable {
    case start(TransferOrder)
    case resume(UInt64)
    case cancel(UInt64)
    case close
}

/// Tells a transfer that has not reached the thread yet that it need not start: the command to
/// cancel it may arrive there before the order itself.
final class CancellationFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    func raise() {
        raised.store(true, ordering: .releasing)
    }
}
