// Which bytes of a file the kernel has in memory, and bringing the others there.

internal import CLinux
import Glibc

/// Reads of open files by descriptor number that never move a reader's position in the file.
package enum FilePages {
    /// Whether reading the bytes would not wait for the disk, as far as samples can tell; `true`
    /// also on file systems that cannot say.
    ///
    /// A page that is missing between two samples makes one reader wait for one read of the disk.
    /// Looking makes the kernel begin to read what is missing.
    package static func areInMemory(_ number: Int32, _ range: Range<Int>) -> Bool {
        var place = range.lowerBound
        while place < range.upperBound {
            if !isInMemory(number, place) { return false }
            place += sampleDistanceBytes
        }
        return range.isEmpty || isInMemory(number, range.upperBound - 1)
    }

    /// Brings bytes into memory. Blocks as long as the disk takes, and has it go on with what
    /// follows them. A failure is met by the next reader.
    package static func fetch(_ number: Int32, _ range: Range<Int>) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: readBytes, alignment: 16)
        defer { buffer.deallocate() }
        var place = range.lowerBound
        while place < range.upperBound {
            let wanted = min(buffer.count, range.upperBound - place)
            let count = pread(number, buffer.baseAddress, wanted, off_t(place))
            guard count > 0 else { return }
            place += count
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

    /// Files are read and forgotten in long stretches; looking more often would find little more,
    /// and cost as much as a fiftieth of sending.
    private static let sampleDistanceBytes = 512 * 1024
    /// What file systems read ahead by default.
    private static let readBytes = 128 * 1024

    private static func isInMemory(_ number: Int32, _ place: Int) -> Bool {
        var byte: UInt8 = 0
        do throws(SystemError) {
            let count = try withUnsafeMutableBytes(of: &byte) {
                (byte) throws(SystemError) -> Int? in try read(number, at: place, into: byte)
            }
            return count != nil
        } catch {
            // EOPNOTSUPP is a file system that cannot say; other failures the reader will meet.
            return true
        }
    }

    /// - Returns: how many bytes, `nil` if the first of them is not in memory.
    private static func read(
        _ number: Int32, at place: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int? {
        var piece = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        return try syscallUnlessBlocked("preadv2") {
            preadv2(number, &piece, 1, off_t(place), nonBlockingRead)
        }
    }

    /// RWF_NOWAIT, whose definition is a cast that Swift does not import.
    private static let nonBlockingRead: Int32 = 0x8
}
