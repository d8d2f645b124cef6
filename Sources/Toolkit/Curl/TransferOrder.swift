// What a caller hands over to the transfer thread.

import Concurrency

/// A transfer to make, and whom to tell how it ended.
struct TransferOrder: Sendable {
    var id: UInt64
    var request: TransferRequest
    var target: TransferTarget
    var receiver: any BodyReceiving
    /// Raised when the transfer need not start: the command to cancel it may reach the thread
    /// before the order does.
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
