// What a producer writes a streamed body into. It must not know how the connection sends it.

import HTTP
import Synchronization

/// Carries the pieces of one streamed body to its connection's loop, from whatever thread.
final class StreamWriter: BodyWriting {
    private let connection: Connection
    private let exchange: Exchange.Number
    private let isChunked: Bool
    /// Bytes that a Content-Length still promises; `nil` without one.
    private let remaining: Mutex<Int?>

    init(_ connection: Connection, _ exchange: Exchange.Number, _ framing: ResponseEncoder.Framing)
    {
        self.connection = connection
        self.exchange = exchange
        isChunked = framing == .chunked
        if case .length(let length) = framing {
            remaining = Mutex(length)
        } else {
            remaining = Mutex(nil)
        }
    }

    /// Wrong lengths are the producer's mistakes, but only the connection suffers for them.
    struct WrongLength: Error {}

    func write(_ bytes: [UInt8]) async throws {
        // An empty chunk would end the body.
        if bytes.isEmpty { return }
        try count(bytes.count)
        let (connection, exchange, isChunked) = (connection, exchange, isChunked)
        try await withCheckedThrowingContinuation { continuation in
            connection.bench.loop.perform {
                connection.write(bytes, chunked: isChunked, for: exchange, then: continuation)
            }
        }
    }

    /// The producer has returned. Called on the loop.
    func finish() throws {
        if let missing = remaining.withLock({ $0 }), missing > 0 { throw WrongLength() }
        connection.endStream(chunked: isChunked, for: exchange)
    }

    private func count(_ bytes: Int) throws {
        try remaining.withLock { remaining in
            guard let promised = remaining else { return }
            guard bytes <= promised else { throw WrongLength() }
            remaining = promised - bytes
        }
    }
}
