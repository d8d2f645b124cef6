// The Range field of a representation of 10,000 bytes, as in the examples of RFC 9110 §14.1.2.

import Testing

@testable import HTTP

@Suite struct ByteRangeTests {
    @Test(
        arguments: [
            ("bytes=0-499", 0..<500), ("bytes=500-999", 500..<1000), ("bytes=-500", 9500..<10_000),
            ("bytes=9500-", 9500..<10_000), ("bytes=0-", 0..<10_000), ("bytes=0-0", 0..<1),
            ("bytes=-1", 9999..<10_000), ("bytes=9999-9999", 9999..<10_000),
            ("bytes=0-10000", 0..<10_000), ("bytes=-10001", 0..<10_000), ("BYTES=1-2", 1..<3),
            ("bytes= 1-2", 1..<3), ("bytes=1-2 \t", 1..<3), ("bytes=,1-2,,", 1..<3),
            ("bytes=007-8", 7..<9), ("bytes=1-99999999999999999999999", 1..<10_000),
            ("bytes=-99999999999999999999999", 0..<10_000),
            ("bytes=1-9223372036854775807", 1..<10_000),
            // Only one of these is there.
            ("bytes=1-2,20000-", 1..<3), ("bytes=-0,1-2", 1..<3),
        ])
    func `finds the part that is meant`(field: String, part: Range<Int>) {
        #expect(RangeSelection(field, length: 10_000) == .part(part))
    }

    @Test(
        arguments: [
            "", "bytes", "bytes=", "bytes=,", "=0-1", "bytes 0-1", "bytes:0-1", "bytes =0-1",
            "items=0-1", "bytess=0-1", "bytes=-", "bytes=a-b", "bytes=1", "bytes=2-1",
            "bytes=+1-2", "bytes=1-+2", "bytes=0x1-2", "bytes=1-2-3", "bytes=--1", "bytes=1 - 2",
            "bytes=1- 2", "bytes=1-2;3-4", "bytes=1-2, x", "bytes=1-2,4-3", "bytes=1.0-2",
            "bytes=１-2", "bytes=0-1=",
        ])
    func `ignores what is no range`(field: String) {
        #expect(RangeSelection(field, length: 10_000) == .whole)
    }

    @Test(arguments: ["bytes=0-0,-1", "bytes= 0-999, 4500-5499, -1000", "bytes=500-600,601-999"])
    func `answers several ranges with the whole`(field: String) {
        #expect(RangeSelection(field, length: 10_000) == .whole)
    }

    @Test(
        arguments: [
            "bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=10000-,20000-,-0",
            "bytes=99999999999999999999999-", "bytes=9223372036854775807-9223372036854775807",
        ])
    func `finds nothing behind the end`(field: String) {
        #expect(RangeSelection(field, length: 10_000) == .unsatisfiable)
    }

    @Test(arguments: ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=5-"])
    func `finds no part of nothing`(field: String) {
        #expect(RangeSelection(field, length: 0) == .whole)
    }
}
