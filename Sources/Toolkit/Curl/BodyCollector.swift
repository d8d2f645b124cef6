// Gathers a small body in memory. It must not know what it is for.

import Synchronization

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
        // Spares the transfer of a body that is known to be too large; the count below decides.
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
