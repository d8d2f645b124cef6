// The resources of a process: its lock, memory, descriptors, sizes of files, random bytes, SIGPIPE,
// and the report of a crash.

internal import CCrashReport
internal import CLinux
import Glibc

/// A lock on a file, held as long as the process lives (flock(2)): the kernel releases it with the
/// last descriptor, also after a crash.
package final class ProcessLock: Sendable {
    /// Another process holds it.
    package struct Held: Error {
        /// The id of that process, if the file holds it.
        package let holder: Int32?
    }

    private let descriptor: FileDescriptor

    /// Takes the lock, and writes the process's id into the file for others to read.
    ///
    /// - Parameter path: of the lock's own file, made if it is missing and never removed: a lock on
    ///   a removed file would exclude no process.
    /// - Throws: ``Held``; ``SystemError`` if the file cannot be opened or locked.
    package init(_ path: String) throws {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC
        let number = try syscall("open") { open(path, flags, 0o640) }
        let descriptor = FileDescriptor(owning: number)
        do throws(SystemError) {
            try syscall("flock") { flock(number, LOCK_EX | LOCK_NB) }
        } catch {
            guard error.code == EWOULDBLOCK else { throw error }
            throw Held(holder: ProcessLock.holder(number))
        }
        let line = Array("\(getpid())\n".utf8)
        _ = ftruncate(number, 0)
        _ = pwrite(number, line, line.count, 0)
        self.descriptor = descriptor
    }

    private static func holder(_ number: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(number, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        return Int32(String(decoding: digits, as: UTF8.self))
    }
}

/// The process's malloc (mallopt(3)).
package enum Allocator {
    /// The free memory that one arena keeps at its end.
    private static let trimBytes: Int32 = 16 << 20
    /// Larger allocations are mapped singly, and unmapped when they are freed: above the half MiB
    /// of each transfer, and below the large bodies of requests, which many clients may send once.
    private static let mappedBytes: Int32 = 768 << 10

    /// Keeps freed memory for the next allocation: each transfer needs a few hundred KiB, and
    /// fetching the pages from the kernel again took up to a tenth of the time of small files. To
    /// be called early: existing arenas are not changed.
    package static func keepFreed() {
        _ = mallopt(M_TRIM_THRESHOLD, trimBytes)
        _ = mallopt(M_MMAP_THRESHOLD, mappedBytes)
        // Only as many threads as cores run at a time. With an arena for each of the many threads,
        // the same memory would be kept many times.
        _ = mallopt(M_ARENA_MAX, Int32(sysconf(Int32(_SC_NPROCESSORS_ONLN)) + 1))
    }
}

/// SIGPIPE, which the service does not use.
package enum BrokenPipeSignal {
    /// Blocks SIGPIPE on the calling thread, the only one that the kernel would send it to: unlike
    /// send(2), sendfile(2) has no flag against it, and the signal would end the process.
    package static func block() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

/// The process's RLIMIT_NOFILE.
package enum DescriptorLimit {
    /// The soft limit; `Int.max` when there is none.
    package static var current: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Int.max
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// Raises the soft limit to the hard one: the soft one is low for the sake of programs that
    /// call select(2).
    package static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // If that is forbidden, the soft limit stays.
        _ = setrlimit(resource, &limit)
    }
}

/// The process's RLIMIT_FSIZE (`ulimit -f`): the size that a file may get by its writes.
package enum FileSizeLimit {
    /// The limit in bytes; `nil` where there is none.
    package static var current: Int64? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0,
            limit.rlim_cur != rlim_t.max
        else { return nil }
        return Int64(clamping: limit.rlim_cur)
    }

    /// Makes a write beyond the limit fail with EFBIG; by default SIGXFSZ ends the process.
    package static func failWrites() {
        _ = signal(SIGXFSZ, SIG_IGN)
    }
}

/// Reports on standard error and in the log which signal ended the process and where: the address
/// within the file, and the function's name if the program has it.
package enum CrashReport {
    /// Installs the handlers; called once, at the start of the program.
    ///
    /// - Parameter program: the beginning of the line, such as `download-service 2.0.0`.
    package static func install(_ program: String) { crash_report_install(program) }

    /// Writes the line also to an open file.
    ///
    /// - Parameter descriptor: stays open for the life of the process, or until this is called with
    ///   another.
    package static func alsoWrite(to descriptor: Int32) { crash_report_set_log(descriptor) }
}

/// The kernel's random number generator (getrandom(2)).
package enum RandomBytes {
    /// Fills a buffer.
    package static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        var filled = 0
        while filled < buffer.count {
            // A signal may end a call for more than 256 bytes early.
            let count = getrandom(buffer.baseAddress! + filled, buffer.count - filled, 0)
            precondition(
                count > 0 || errno == EINTR,
                "getrandom fails only where the kernel has no generator")
            filled += max(0, count)
        }
    }
}
