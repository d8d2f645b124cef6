// The page cache: which bytes of a file are in memory, and how the others are fetched.

internal import CLinux
import Glibc

/// Reads of open files by descriptor number that never move a reader's position in the file.
package enum FilePages {
    /// Whether a read would not wait for the disk, by samples; `true` also on file systems that
    /// cannot tell.
    ///
    /// A page that is missing between two samples makes one reader wait for one read of the disk.
    /// The check makes the kernel start to read a missing page.
    package static func areInMemory(_ number: Int32, _ range: Range<Int>) -> Bool {
        var position = range.lowerBound
        while position < range.upperBound {
            if !isInMemory(number, position) { return false }
            position += sampleDistanceBytes
        }
        return range.isEmpty || isInMemory(number, range.upperBound - 1)
    }

    /// Reads bytes into memory, and starts reading the bytes after them. Blocks for the disk. A
    /// failure is left to the next reader.
    package static func fetch(_ number: Int32, _ range: Range<Int>) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: readBytes, alignment: 16)
        defer { buffer.deallocate() }
        var position = range.lowerBound
        while position < range.upperBound {
            let wanted = min(buffer.count, range.upperBound - position)
            let count = pread(number, buffer.baseAddress, wanted, off_t(position))
            guard count > 0 else { return }
            position += count
        }
        _ = posix_fadvise(
            number, off_t(range.upperBound), off_t(range.count), Int32(POSIX_FADV_WILLNEED))
    }

    /// Reads bytes if that does not wait for the disk.
    ///
    /// - Returns: all of them; `nil` if some are not in memory, or not in the file.
    package static func readFromMemory(_ number: Int32, _ range: Range<Int>) -> [UInt8]? {
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: range.count)
            isWhole = (try? read(number, at: range.lowerBound, into: bytes)) == range.count
            count = isWhole ? range.count : 0
        }
        return isWhole ? bytes : nil
    }

    /// The kernel reads and evicts long stretches of files; more samples would find little more,
    /// and cost up to a fiftieth of the time of sending.
    private static let sampleDistanceBytes = 512 * 1024
    /// The default read-ahead of file systems.
    private static let readBytes = 128 * 1024

    private static func isInMemory(_ number: Int32, _ position: Int) -> Bool {
        var byte: UInt8 = 0
        do throws(SystemError) {
            let count = try withUnsafeMutableBytes(of: &byte) {
                (byte) throws(SystemError) -> Int? in try read(number, at: position, into: byte)
            }
            return count != nil
        } catch {
            // EOPNOTSUPP is a file system that cannot tell; other failures are left to the reader.
            return true
        }
    }

    /// - Returns: the number of bytes; `nil` if the first one is not in memory.
    private static func read(
        _ number: Int32, at position: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int? {
        var piece = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        return try syscallUnlessBlocked("preadv2") {
            preadv2(number, &piece, 1, off_t(position), nonBlockingRead)
        }
    }

    /// RWF_NOWAIT, whose definition is a cast that Swift does not import.
    private static let nonBlockingRead: Int32 = 0x8
}
