// Compression to gzip by ISA-L: one member with time stamp 0, so that the same bytes always give
// the same file on one kind of machine.

internal import CISAL

/// Compresses one gzip member, fed in any cuts. Confined to its owner: not thread-safe.
package final class GzipDeflater {
    /// ISA-L's state keeps its history inside and must not move.
    private let stream: UnsafeMutablePointer<isal_zstream>
    private let levelBuffer: UnsafeMutablePointer<UInt8>
    private let output: UnsafeMutableBufferPointer<UInt8>

    private static let outputBytes = 64 * 1024

    package init() {
        stream = .allocate(capacity: 1)
        levelBuffer = .allocate(capacity: Int(cisal_level_one_bytes))
        output = .allocate(capacity: Self.outputBytes)
        isal_deflate_init(stream)
        stream.pointee.gzip_flag = UInt16(IGZIP_GZIP)
        stream.pointee.level = 1
        stream.pointee.level_buf = levelBuffer
        stream.pointee.level_buf_size = cisal_level_one_bytes
    }

    deinit {
        stream.deallocate()
        levelBuffer.deallocate()
        output.deallocate()
    }

    /// The gzip of the bytes.
    package static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        let deflater = GzipDeflater()
        var result: [UInt8] = []
        bytes.withUnsafeBytes {
            deflater.deflate($0, isLast: true) { result.append(contentsOf: $0) }
        }
        return result
    }

    /// Compresses the next bytes and passes the result to `sink`, in pieces that are valid during
    /// the call only.
    ///
    /// - Parameter isLast: whether the member ends with these bytes, of which there may be none.
    package func deflate(
        _ input: UnsafeRawBufferPointer, isLast: Bool, into sink: (UnsafeRawBufferPointer) -> Void
    ) {
        precondition(stream.pointee.end_of_stream == 0, "the member has ended already")
        precondition(input.count <= 1 << 30, "ISA-L counts in 32 bits")
        let bytes = input.bindMemory(to: UInt8.self)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.end_of_stream = isLast ? 1 : 0
        repeat {
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            let result = isal_deflate(stream)
            precondition(result == COMP_OK, "ISA-L refused its own parameters: \(result)")
            let made = output.count - Int(stream.pointee.avail_out)
            if made > 0 {
                sink(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output)[..<made]))
            }
        } while stream.pointee.avail_out == 0
    }
}

@available(*, unavailable)
extension GzipDeflater: Sendable {}

/// The gzip of no bytes, 20 bytes long: Tardis sends it for a day without data.
package let emptyGzip: [UInt8] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03,
    0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
]
