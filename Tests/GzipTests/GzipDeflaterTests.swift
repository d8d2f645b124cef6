// The deflater's members, and that they can be inflated.

import GzipSupport
import Testing

@testable import Gzip

@Suite struct GzipDeflaterTests {
    @Test func `writes a header without time or name`() {
        let gzip = GzipDeflater.gzip(Array("hello".utf8))
        #expect(Array(gzip[..<8]) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
    }

    @Test func `gives the same bytes every time`() {
        let plain = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        #expect(GzipDeflater.gzip(plain) == GzipDeflater.gzip(plain))
    }

    @Test func `joins pieces into one member`() throws {
        let deflater = GzipDeflater()
        var gzip: [UInt8] = []
        for _ in 0..<100 {
            [UInt8](repeating: 65, count: 10_000).withUnsafeBytes {
                deflater.deflate($0, isLast: false) { gzip.append(contentsOf: $0) }
            }
        }
        deflater.deflate(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true) {
            gzip.append(contentsOf: $0)
        }
        let inflater = GzipInflater()
        var expanded = 0
        try gzip.withUnsafeBytes { try inflater.inflate($0) { expanded += $0.count } }
        try inflater.finish()
        #expect(expanded == 1_000_000)
        #expect(inflater.members == 1)
    }

    @Test func `makes a whole member of no bytes`() throws {
        let gzip = GzipDeflater.gzip([])
        let inflater = GzipInflater()
        try gzip.withUnsafeBytes { try inflater.inflate($0) { _ in } }
        try inflater.finish()
        #expect(inflater.expandedBytes == 0)
        #expect(emptyGzip.count == 20)
    }
}
