// Programs that tests start inherit only what they are given.

import Glibc
import TestSupport
import Testing

@Suite struct ChildProcessTests {
    @Test func `a child has no descriptor that a test has open`() async throws {
        let first = open("/dev/null", O_RDONLY)
        defer { close(first) }
        // Far above the descriptors that the child opens itself.
        let mine = fcntl(first, F_DUPFD, 200)
        defer { close(mine) }
        try #require(mine >= 200)
        let child = try ChildProcess("/bin/ls", ["/proc/self/fd"])
        #expect(await child.waitForExit(within: .seconds(30)) == 0)
        let numbers = child.output.split(separator: "\n").compactMap { Int32($0) }
        #expect(numbers.contains(STDOUT_FILENO))
        #expect(!numbers.contains(mine))
    }
}
