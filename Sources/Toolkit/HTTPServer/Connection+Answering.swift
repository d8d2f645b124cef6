// How a response leaves on its connection: whole, as a stream, or as a stand-in's raw bytes.

import HTTP
import Posix
import Synchronization

/// Thrown to the producer of a stream whose client has gone.
struct ConnectionGone: Error {}

extension Connection {
    /// Sends the handler's response. Runs on the loop, in the handler's task.
    func send(_ response: Response, for number: Exchange.Number) async {
        context.loop.assertCurrent()
        guard isAnswering(number), !sendAtOnce(response, for: number) else { return }
        guard case .stream(let length, let producer) = response.body else { return }
        await sendStream(response, length, producer, for: number)
    }

    /// Sends a response unless its body has to be waited for.
    ///
    /// - Returns: whether it did.
    func sendAtOnce(_ response: Response, for number: Exchange.Number) -> Bool {
        switch response.body {
        case .empty:
            sendWhole(response, [], for: number)
        case .bytes(let bytes):
            if state.responseRules.isHead
                || context.hasFreeSpace(forAnswer: bytes.count, to: network)
            {
                sendWhole(response, bytes, for: number)
            } else {
                refuseForMemory(for: number)
            }
        case .file(let region):
            sendFile(response, region, for: number)
        case .stream:
            return false
        case .verbatim(let bytes, let ending):
            exchange.status = response.status.code
            exchange.bytesSent += bytes.count
            output.append(bytes)
            endsWithReset = ending == .reset
            finish(number, closing: true)
        }
        return true
    }

    /// Sends a response whose body is known.
    func sendWhole(_ response: Response, _ bytes: [UInt8], for number: Exchange.Number) {
        let rules = state.responseRules
        let framing = ResponseEncoder.framing(response.status, length: bytes.count, rules)
        let keepsOpen = sendHead(response, framing, rules, for: number)
        if framing.hasBody, !rules.isHead, !bytes.isEmpty {
            exchange.bytesSent += bytes.count
            output.append(bytes)
        }
        finish(number, closing: !keepsOpen)
    }

    /// Says that there is no memory for the answer.
    private func refuseForMemory(for number: Exchange.Number) {
        sendWhole(LoopContext.overloaded.response, LoopContext.overloaded.body, for: number)
    }

    /// Below this a file is read and sent with its head: two system calls for a small packet.
    /// Above it sendfile(2) is cheaper than the copy, and an open file per connection worth it.
    private static let readFileBytesMax = 16 * 1024

    private func sendFile(_ response: Response, _ region: FileRegion, for number: Exchange.Number) {
        if region.length <= Connection.readFileBytesMax, !state.responseRules.isHead,
            let bytes = FilePages.readFromMemory(region.number, region.range)
        {
            sendWhole(response, bytes, for: number)
            return
        }
        let rules = state.responseRules
        let framing = ResponseEncoder.framing(response.status, length: region.length, rules)
        keepsOpenAfterFile = sendHead(response, framing, rules, for: number)
        if !framing.hasBody || rules.isHead || region.length == 0 {
            finish(number, closing: !keepsOpenAfterFile)
            return
        }
        exchange.bytesSent += region.length
        output.append(region)
        turn()
    }

    /// Has the disk read what is missing of the file under way; once all of it is sent, ends its
    /// answer.
    ///
    /// - Returns: whether it was ended.
    func finishFile() -> Bool {
        if let missing = output.missing {
            context.fetch(missing) {
                self.output.fetched()
                self.turn()
            }
        }
        guard !output.hasFile, exchange.isOpen else { return false }
        finish(exchange.number, closing: !keepsOpenAfterFile)
        return true
    }

    private func sendStream(
        _ response: Response, _ length: Int?,
        _ producer: @Sendable (any BodyWriting) async throws -> Void, for number: Exchange.Number
    ) async {
        let rules = state.responseRules
        let limit = context.settings.limits.outputBytesMax
        guard
            rules.isHead
                || context.hasFreeSpace(forAnswer: min(length ?? limit, limit), to: network)
        else {
            refuseForMemory(for: number)
            return
        }
        let framing = ResponseEncoder.framing(response.status, length: length, rules)
        let keepsOpen = sendHead(response, framing, rules, for: number)
        if !framing.hasBody || rules.isHead {
            finish(number, closing: !keepsOpen)
            return
        }
        let writer = StreamWriter(self, number, framing)
        do {
            try await producer(writer)
            try writer.finish()
            finish(number, closing: !keepsOpen)
        } catch let cut as StreamCut {
            endsWithReset = cut.ending == .reset
            finish(number, closing: true, wasCut: true)
        } catch {
            // Where only the end of the connection ends the body, a FIN would pass for success.
            endsWithReset = !framing.endsByItself
            finish(number, closing: true, wasCut: true)
        }
    }

    /// - Returns: whether the connection stays open after the answer.
    private func sendHead(
        _ response: Response, _ framing: ResponseEncoder.Framing, _ rules: ResponseRules,
        for number: Exchange.Number
    ) -> Bool {
        let keepsOpen = ResponseEncoder.keepsOpen(response, framing, rules)
        exchange.status = response.status.code
        let before = output.count
        output.write {
            context.appendHead(
                response.status, response.headers, framing, rules, keepsOpen: keepsOpen,
                identifier: exchange.identifier, to: &$0)
        }
        exchange.bytesSent += output.count - before
        return keepsOpen
    }

    /// Sends a piece of a streamed body; resumes the continuation when more can be taken.
    func write(
        _ bytes: [UInt8], chunked: Bool, for number: Exchange.Number,
        then continuation: CheckedContinuation<Void, any Error>
    ) {
        context.loop.assertCurrent()
        guard isOpen, isAnswering(number) else {
            continuation.resume(throwing: ConnectionGone())
            return
        }
        let before = output.count
        if chunked { output.write { ResponseEncoder.appendChunkStart(bytes.count, to: &$0) } }
        output.append(bytes)
        if chunked { output.append(ResponseEncoder.chunkEnd) }
        let written = output.count - before
        exchange.bytesSent += written
        exchange.bytesSinceYield += written
        if isTurning { flush() } else { turn() }
        resume(continuation, for: number)
    }

    /// Back-pressure: a producer waits while too much is unsent, here or by all together; and after
    /// each large piece of work it lets other connections have their turn, however fast its client
    /// reads.
    private func resume(
        _ continuation: CheckedContinuation<Void, any Error>, for number: Exchange.Number
    ) {
        let limit = context.settings.limits.outputBytesMax
        if !isOpen {
            continuation.resume(throwing: ConnectionGone())
        } else if output.count > limit || context.isOverloaded(by: network) && !output.isEmpty {
            waiters.append(continuation)
        } else if exchange.bytesSinceYield > limit {
            exchange.bytesSinceYield = 0
            context.loop.postpone { continuation.resume() }
        } else {
            continuation.resume()
        }
    }

    /// Ends a streamed body.
    func endStream(chunked: Bool, for number: Exchange.Number) {
        guard chunked, isOpen, isAnswering(number) else { return }
        exchange.bytesSent += ResponseEncoder.lastChunk.count
        output.append(ResponseEncoder.lastChunk)
    }
}

/// Carries the pieces of one streamed body to its connection's loop, from any thread.
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
            connection.context.loop.perform {
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
