// How the C library's allocator deals with memory that is freed. It must not know who asks for any.

internal import CLinux
import Glibc

/// The process's malloc (mallopt(3)).
package enum Allocator {
    /// What one arena keeps at its end instead of giving it back.
    private static let trimBytes: Int32 = 16 << 20
    /// What is mapped by itself, and unmapped as soon as it is freed: above what a transfer needs
    /// again and again, half a MiB, and below the large bodies of requests, of which a crowd of
    /// clients may send many at once and never again.
    private static let mappedBytes: Int32 = 768 << 10

    /// Has it keep what it is given back, for whoever asks next: each transfer needs a few hundred
    /// KiB for a moment, and fetching the pages anew from the kernel took up to a tenth of the time
    /// of small files. To be called early: it changes nothing for arenas that are there.
    package static func keepFreed() {
        _ = mallopt(M_TRIM_THRESHOLD, trimBytes)
        _ = mallopt(M_MMAP_THRESHOLD, mappedBytes)
        // No more threads than there are cores run at a time. There are many times as many, and
        // with an arena for each of them the same memory would be kept again and again.
        _ = mallopt(M_ARENA_MAX, Int32(sysconf(Int32(_SC_NPROCESSORS_ONLN)) + 1))
    }
}
