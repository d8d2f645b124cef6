// Code that was given back runs all the same.

import Glibc
import Posix
import TestSupport
import Testing

@Suite struct CodePagesTests {
    @Test func `code that was given back runs all the same, and takes less memory`() {
        let process = ProcessFigures(pid: getpid())
        let before = process.residentFileBytes
        CodePages.release()
        #expect(process.residentFileBytes < before)
        #expect("abc".reversed() == Array("cba"))
    }
}
