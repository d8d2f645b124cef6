// The resources of a process, as the kernel counts them.

import Glibc

/// Figures of a running process of this user.
package struct ProcessFigures: Sendable {
    package let pid: Int32

    package init(pid: Int32) {
        self.pid = pid
    }

    /// How many descriptors are open.
    package var descriptors: Int {
        guard let folder = opendir("/proc/\(pid)/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // The folder itself and the one above it.
        return count - 2
    }

    /// How many of the descriptors are sockets.
    package var sockets: Int {
        guard let folder = opendir("/proc/\(pid)/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            var target = [UInt8](repeating: 0, count: 64)
            let length = target.withUnsafeMutableBytes { buffer in
                readlink("/proc/\(pid)/fd/\(name)", buffer.baseAddress!, buffer.count)
            }
            if length > 0, target.starts(with: Array("socket:".utf8)) { count += 1 }
        }
        return count
    }

    /// Memory in use, in bytes.
    package var residentBytes: Int { kibibytes("VmRSS:") * 1024 }

    /// The most memory that was in use since the last ``resetPeak()``, in bytes.
    package var peakBytes: Int { kibibytes("VmHWM:") * 1024 }

    package func resetPeak() {
        guard let file = fopen("/proc/\(pid)/clear_refs", "we") else { return }
        fputs("5", file)
        fclose(file)
    }

    /// CPU time of all its threads so far.
    package var processorTime: Duration {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else {
            return .zero
        }
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private func kibibytes(_ name: String) -> Int {
        guard let file = fopen("/proc/\(pid)/status", "re") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            if text.hasPrefix(name) { return Int(text.filter(\.isNumber)) ?? 0 }
        }
        return 0
    }
}
