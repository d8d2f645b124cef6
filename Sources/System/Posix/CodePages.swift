// The memory that the program's own code takes. It must not know what the code does.

import Glibc

/// The pages into which the program and its libraries are mapped.
package enum CodePages {
    /// Gives back the pages of code that are in memory, most of which only the start needed. What
    /// is needed again is mapped again from the page cache, at the price of a minor fault for every
    /// 64 KiB or so; nothing is read from the disk as long as memory is not short.
    ///
    /// Only code is given back: its pages are the file's (madvise(2), MADV_DONTNEED). Constants may
    /// have been written to while the program was linked.
    package static func release() {
        for mapping in mappings() where mapping.isCode {
            madvise(
                UnsafeMutableRawPointer(bitPattern: mapping.start),
                Int(mapping.end - mapping.start), MADV_DONTNEED)
        }
    }

    private struct Mapping {
        var start: UInt
        var end: UInt
        /// Whether it is a file's, can be executed, and cannot be written to.
        var isCode: Bool

        /// Reads a line of `/proc/self/maps` (proc(5)): addresses, permissions, offset, device,
        /// inode, path.
        init?(_ line: Substring.UTF8View) {
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard fields.count == 6 else { return nil }
            let addresses = fields[0].split(separator: UInt8(ascii: "-"))
            guard addresses.count == 2, let start = UInt(Substring(addresses[0]), radix: 16),
                let end = UInt(Substring(addresses[1]), radix: 16)
            else { return nil }
            self.start = start
            self.end = end
            let path = fields[5].drop { $0 == UInt8(ascii: " ") }
            isCode = Substring(fields[1]) == "r-xp" && path.first == UInt8(ascii: "/")
        }
    }

    private static func mappings() -> [Mapping] {
        guard
            let descriptor = try? syscall(
                "open", { open("/proc/self/maps", O_RDONLY | O_CLOEXEC) })
        else { return [] }
        let file = FileDescriptor(owning: descriptor)
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while let count = try? syscall("read", { read(file.number, &buffer, buffer.count) }),
            count > 0
        {
            text += buffer[..<count]
        }
        let lines = String(decoding: text, as: UTF8.self)[...].utf8.split(separator: 10)
        return lines.compactMap { Mapping($0) }
    }
}
