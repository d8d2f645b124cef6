// Streaming inflation of gzip by ISA-L, with every check that the format offers.
//
// RFC 1952 §2.2 lets a file be a series of members, whose contents follow each other. Tardis sends
// one; several are accepted, as every tool does, and any other bytes after a member are refused.

internal import CISAL

/// Inflates one gzip file, fed in any cuts. Confined to its owner: not thread-safe.
package final class GzipInflater {
    /// Compressed bytes read so far.
    package private(set) var compressedBytes: Int64 = 0
    /// Bytes inflated so far.
    package private(set) var expandedBytes: Int64 = 0
    /// Members that ended with a correct trailer.
    package private(set) var members = 0
    /// The CRC-32 (RFC 1952 §8) of everything that was inflated, as if it were one member; valid
    /// after ``finish()``.
    package private(set) var contentCRC32: UInt32 = 0

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

    /// The output of one call of ISA-L: small enough to stay in the cache of one core, large enough
    /// to make copying the 32 KiB of history between calls negligible.
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

    /// Inflates the next bytes and passes the result to `sink`, in pieces that are valid during the
    /// call only.
    ///
    /// - Throws: the first ``GzipError``, and the same error for any later input.
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

    /// Ends the input.
    ///
    /// - Throws: ``GzipError/truncated`` if it is incomplete, or the error found before.
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
                // The first member's, which is the only one nearly always, costs nothing.
                if members == 0 { contentCRC32 = state.pointee.crc }
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
        let piece = UnsafeRawBufferPointer(rebasing: output[..<count])
        if members > 0 {
            contentCRC32 = crc32_gzip_refl(
                contentCRC32, piece.bindMemory(to: UInt8.self).baseAddress, UInt64(count))
        }
        sink(piece)
    }
}

@available(*, unavailable)
extension GzipInflater: Sendable {}

/// What is wrong with a gzip file.
package enum GzipError: Error, Hashable, Sendable {
    /// The first bytes are not those of a gzip member (RFC 1952 §2.3.1: ID1 ID2 CM).
    case notGzip
    /// The header breaks RFC 1952, or the deflate stream breaks RFC 1951, at about this compressed
    /// byte.
    case damaged(offset: Int64)
    /// Everything inflated, but CRC-32 or ISIZE in the trailer does not match the content.
    case checksumWrong
    /// The bytes end before the trailer does.
    case truncated
    /// Bytes from this offset on, after the last trailer, begin no further member.
    case trailingBytes(offset: Int64)
    /// The members expand to almost nothing after this many compressed bytes.
    case hollow(compressedBytes: Int64)
    /// The content exceeds ``GzipLimits``: a decompression bomb, or a limit set too low.
    case tooLarge(expandedBytes: Int64)
}

/// The limits of one inflation, against decompression bombs.
package struct GzipLimits: Hashable, Sendable {
    /// Expanded bytes. The largest dataset known is about 12 GB compressed and 120 GB expanded.
    package var expandedBytesMax: Int64
    /// Expanded bytes per compressed byte. Rows of market data reach about 12; deflate ends at
    /// 1032.
    package var ratioMax: Int64
    /// Up to this many expanded bytes the ratio is not checked: a small file of equal rows may
    /// compress as well as a bomb, and is harmless.
    package var ratioExemptBytes: Int64

    /// How far the compressed bytes of whole members may exceed twice the expanded ones. Deflate
    /// adds only five bytes to 64 KiB that it cannot compress.
    static let hollowBytesMax: Int64 = 1 << 20

    package init(
        expandedBytesMax: Int64 = 1 << 40, ratioMax: Int64 = 200,
        ratioExemptBytes: Int64 = 16 << 20
    ) {
        self.expandedBytesMax = expandedBytesMax
        self.ratioMax = ratioMax
        self.ratioExemptBytes = ratioExemptBytes
    }

    /// Whether members of this many compressed bytes hold almost nothing.
    static func isHollow(expanded: Int64, from compressed: Int64) -> Bool {
        compressed - hollowBytesMax > 2 * expanded
    }

    /// Whether this many expanded bytes from this many compressed ones are within the limits.
    func allow(expanded: Int64, from compressed: Int64) -> Bool {
        if expanded > expandedBytesMax { return false }
        if expanded <= ratioExemptBytes { return true }
        return expanded / ratioMax <= compressed
    }
}
