// Streaming inflation of gzip with every check that the format offers, by ISA-L. It must not know
// what the bytes mean, nor whence they come.
//
// RFC 1952 §2.2 lets a file be a series of members; their contents follow each other. Tardis sends
// one; several are accepted, because every tool does so, and anything else behind a member is not.

internal import CISAL

/// Inflates one gzip file, fed in any cuts. Confined to whoever owns it: not thread-safe.
package final class GzipInflater {
    /// Compressed bytes taken so far.
    package private(set) var compressedBytes: Int64 = 0
    /// Bytes that came out so far.
    package private(set) var expandedBytes: Int64 = 0
    /// Members that ended with a right trailer.
    package private(set) var members = 0

    /// Where the last whole member ended.
    private var membersEnd: Int64 = 0
    private let limits: GzipLimits
    private var phase = Phase.header(GzipHeaderParser())
    private var failure: GzipError?
    /// ISA-L keeps pointers into its state's own buffers, so it must never move.
    private let state: UnsafeMutablePointer<inflate_state>
    private let output: UnsafeMutableRawBufferPointer

    private enum Phase {
        case header(GzipHeaderParser)
        case body
    }

    /// What one call of ISA-L may hand out: small enough to stay in the cache of one core, large
    /// enough that copying the 32 KiB of history between calls does not show.
    private static let outputBytes = 128 * 1024

    package init(limits: GzipLimits = GzipLimits()) {
        self.limits = limits
        state = .allocate(capacity: 1)
        isal_inflate_init(state)
        output = .allocate(byteCount: Self.outputBytes, alignment: 64)
    }

    deinit {
        state.deallocate()
        output.deallocate()
    }

    /// Inflates the next bytes and hands what comes out to `sink`, in pieces that are valid during
    /// the call only.
    ///
    /// - Throws: the first ``GzipError`` found; after it the same again for any further input.
    package func inflate(
        _ input: UnsafeRawBufferPointer, into sink: (UnsafeRawBufferPointer) -> Void
    ) throws(GzipError) {
        if let failure { throw failure }
        do throws(GzipError) {
            var rest = input[...]
            while !rest.isEmpty {
                switch phase {
                case .header(let parser): try parseHeader(&rest, with: parser)
                case .body: try inflateBody(&rest, into: sink)
                }
            }
        } catch {
            failure = error
            throw error
        }
    }

    /// Says that the input is complete.
    ///
    /// - Throws: ``GzipError/truncated`` where it is not, or the error found before.
    package func finish() throws(GzipError) {
        if let failure { throw failure }
        guard case .header(let parser) = phase, !parser.hasBegun, members > 0 else {
            failure = .truncated
            throw .truncated
        }
    }

    private func parseHeader(
        _ rest: inout Slice<UnsafeRawBufferPointer>, with parser: GzipHeaderParser
    ) throws(GzipError) {
        var parser = parser
        while let byte = rest.popFirst() {
            compressedBytes += 1
            switch parser.parse(byte) {
            case .needsMore: continue
            case .complete:
                isal_inflate_reset(state)
                state.pointee.crc_flag = UInt32(ISAL_GZIP_NO_HDR_VER)
                phase = .body
                return
            case .notGzip where members > 0:
                throw .trailingBytes(offset: membersEnd)
            case .notGzip: throw .notGzip
            case .damaged: throw .damaged(offset: compressedBytes)
            }
        }
        phase = .header(parser)
    }

    private func inflateBody(
        _ rest: inout Slice<UnsafeRawBufferPointer>, into sink: (UnsafeRawBufferPointer) -> Void
    ) throws(GzipError) {
        // ISA-L counts in 32 bits.
        let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
        let bytes = piece.bindMemory(to: UInt8.self)
        state.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        state.pointee.avail_in = UInt32(piece.count)
        var taken = 0
        while true {
            state.pointee.next_out = output.baseAddress!.assumingMemoryBound(to: UInt8.self)
            state.pointee.avail_out = UInt32(output.count)
            let result = isal_inflate(state)
            let consumed = piece.count - Int(state.pointee.avail_in)
            compressedBytes += Int64(consumed - taken)
            taken = consumed
            if result < 0 {
                throw result == ISAL_INCORRECT_CHECKSUM
                    ? .checksumWrong : .damaged(offset: compressedBytes)
            }
            try deliver(output.count - Int(state.pointee.avail_out), to: sink)
            if state.pointee.block_state == ISAL_BLOCK_FINISH {
                members += 1
                membersEnd = compressedBytes
                guard !GzipLimits.isHollow(expanded: expandedBytes, from: membersEnd) else {
                    throw .hollow(compressedBytes: membersEnd)
                }
                phase = .header(GzipHeaderParser())
                break
            }
            if state.pointee.avail_in == 0, state.pointee.avail_out > 0 { break }
        }
        rest = rest.dropFirst(taken)
    }

    private func deliver(
        _ count: Int, to sink: (UnsafeRawBufferPointer) -> Void
    ) throws(GzipError) {
        guard count > 0 else { return }
        expandedBytes += Int64(count)
        guard limits.allow(expanded: expandedBytes, from: compressedBytes) else {
            throw .tooLarge(expandedBytes: expandedBytes)
        }
        sink(UnsafeRawBufferPointer(rebasing: output[..<count]))
    }
}

@available(*, unavailable)
extension GzipInflater: Sendable {}
