// The HTTP client: requests for async callers, on one transfer thread.

import Concurrency
import Synchronization

/// Makes HTTP requests; all of its transfers share one thread, one pool of connections and one
/// cache of addresses.
package final class CurlClient: Sendable {
    private let loop: TransferLoop
    private let lastID = Atomic<UInt64>(0)

    /// Starts the transfer thread.
    package init(settings: CurlSettings = CurlSettings()) {
        loop = TransferLoop(settings: settings)
        loop.start()
    }

    deinit {
        loop.post(.close)
    }

    /// Makes the request and hands the body to the receiver as it arrives.
    ///
    /// A response of any status is a result; an error is thrown only without a complete response.
    /// Cancelling the task closes the transfer's connection; when this throws, it is closed.
    ///
    /// - Throws: ``CurlError``; ``CurlError/cancelled`` when the task was cancelled or the client
    ///   closed.
    package func perform(
        _ request: TransferRequest, receiver: any BodyReceiving
    ) async throws(CurlError) -> TransferSummary {
        let target = try RequestCheck.target(of: request)
        let id = lastID.add(1, ordering: .relaxed).newValue
        let cancellation = CancellationFlag()
        receiver.attach(TransferControl(loop: loop, id: id))
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.post(
                    .start(
                        QueuedTransfer(
                            id: id, request: request, target: target, receiver: receiver,
                            cancellation: cancellation,
                            finish: { continuation.resume(returning: $0) })))
            }
        } onCancel: {
            cancellation.raise()
            loop.post(.cancel(id))
        }
        return try result.get()
    }

    /// Makes the request and collects a small body.
    ///
    /// - Throws: ``CurlError``; ``CurlError/malformed(_:)`` when the body is larger than
    ///   `bodyMaxBytes`, as soon as that is known.
    package func fetch(
        _ request: TransferRequest, bodyMaxBytes: Int
    ) async throws(CurlError) -> (head: ResponseHead, body: [UInt8]) {
        let collector = BodyCollector(bytesMax: bodyMaxBytes)
        do {
            let summary = try await perform(request, receiver: collector)
            return (summary.head, collector.body)
        } catch .refusedByReceiver {
            throw .malformed("the body is larger than \(bodyMaxBytes) bytes")
        } catch {
            throw error
        }
    }

    /// Cancels all transfers and ends the thread. Later requests throw ``CurlError/cancelled``.
    package func close() {
        loop.post(.close)
    }
}
