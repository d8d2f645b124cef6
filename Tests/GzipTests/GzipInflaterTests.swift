// The inflater over whole, cut, flipped, joined and oversized input.

import GzipSupport
import TestSupport
import Testing

@testable import Gzip

@Suite struct GzipInflaterTests {
    private let text = Array("exchange,symbol,timestamp,local_timestamp\nbitmex,XBTUSD,1,2\n".utf8)

    @Test func `gives back what was compressed`() throws {
        #expect(try inflated(GzipDeflater.gzip(text)) == text)
    }

    @Test func `inflates the same at every cut position`() throws {
        let gzip = GzipDeflater.gzip(text)
        for cut in 0...gzip.count {
            #expect(try inflated([Array(gzip[..<cut]), Array(gzip[cut...])]) == text)
        }
    }

    @Test func `inflates byte by byte with every optional header field`() throws {
        let gzip = decorated(GzipDeflater.gzip(text))
        #expect(try inflated(gzip.map { [$0] }) == text)
        for cut in 0...gzip.count {
            #expect(try inflated([Array(gzip[..<cut]), Array(gzip[cut...])]) == text)
        }
    }

    @Test func `knows the checksum of the content, in one member or several`() throws {
        // The check value of CRC-32.
        let digits = Array("123456789".utf8)
        let inputs = [
            GzipDeflater.gzip(digits),
            GzipDeflater.gzip(Array(digits[..<4])) + GzipDeflater.gzip(Array(digits[4...])),
            GzipDeflater.gzip([]) + GzipDeflater.gzip(digits) + GzipDeflater.gzip([]),
        ]
        for input in inputs {
            let inflater = GzipInflater()
            try input.withUnsafeBytes { try inflater.inflate($0) { _ in } }
            try inflater.finish()
            #expect(inflater.contentCRC32 == 0xCBF4_3926)
            #expect(inflater.expandedBytes == 9)
        }
    }

    @Test func `calls every proper prefix truncated`() throws {
        let gzip = decorated(GzipDeflater.gzip(text))
        for length in 0..<gzip.count {
            #expect(throws: GzipError.truncated) { try inflated(Array(gzip[..<length])) }
        }
    }

    @Test func `refuses every single flipped bit that can change the content`() throws {
        let gzip = GzipDeflater.gzip(text)
        // Time, XFL and OS do not affect the content, and no checksum protects them.
        let unprotected = 4..<10
        for index in gzip.indices where !unprotected.contains(index) {
            for bit in 0..<8 {
                var flipped = gzip
                flipped[index] ^= 1 << UInt8(bit)
                // FTEXT is a hint without meaning.
                if index == 3, bit == 0 { continue }
                #expect(throws: GzipError.self, "byte \(index) bit \(bit)") {
                    try inflated(flipped)
                }
            }
        }
    }

    @Test func `distinguishes a wrong trailer from a damaged stream`() {
        let gzip = GzipDeflater.gzip(text)
        for fromEnd in 1...8 {
            var flipped = gzip
            flipped[gzip.count - fromEnd] ^= 0x10
            #expect(throws: GzipError.checksumWrong) { try inflated(flipped) }
        }
    }

    @Test func `refuses a web page`() {
        #expect(throws: GzipError.notGzip) { try inflated(Array("<!DOCTYPE html>".utf8)) }
    }

    @Test(arguments: [[0x00], [0x0a], Array("junk".utf8), [0x1f, 0x8b, 0x07]] as [[UInt8]])
    func `refuses bytes after the last member`(junk: [UInt8]) {
        let gzip = GzipDeflater.gzip(text)
        #expect(throws: GzipError.trailingBytes(offset: Int64(gzip.count))) {
            try inflated(gzip + junk)
        }
    }

    @Test func `accepts two members as RFC 1952 does`() throws {
        let inflater = GzipInflater()
        let gzip = GzipDeflater.gzip(text) + emptyGzip + GzipDeflater.gzip([1, 2, 3])
        #expect(try inflated([gzip], by: inflater) == text + [1, 2, 3])
        #expect(inflater.members == 3)
        #expect(inflater.compressedBytes == Int64(gzip.count))
    }

    @Test func `finds a wrong trailer in the first of two members`() {
        var first = GzipDeflater.gzip(text)
        first[first.count - 1] ^= 1
        #expect(throws: GzipError.checksumWrong) { try inflated(first + GzipDeflater.gzip(text)) }
    }

    @Test func `inflates the empty gzip to no bytes`() throws {
        #expect(try inflated(emptyGzip) == [])
        #expect(throws: GzipError.truncated) { try inflated([]) }
    }

    @Test func `stops a bomb by its ratio`() {
        let bomb = GzipDeflater.gzip([UInt8](repeating: 0, count: 8 << 20))
        let limits = GzipLimits(ratioMax: 100, ratioExemptBytes: 1 << 20)
        #expect {
            try inflated([bomb], by: GzipInflater(limits: limits))
        } throws: { error in
            guard case .tooLarge(let bytes) = error as? GzipError else { return false }
            return bytes <= 2 << 20
        }
    }

    @Test func `refuses endless members without content`() throws {
        let few = Array(repeatElement(emptyGzip, count: 1_000).joined())
        #expect(try inflated(few) == [])
        let many = Array(
            repeatElement(emptyGzip, count: (1 << 20) / emptyGzip.count + 1).joined())
        for cut in [many.count, 1_000_003, 7] {
            let pieces = stride(from: 0, to: many.count, by: cut).map {
                Array(many[$0..<min($0 + cut, many.count)])
            }
            #expect {
                try inflated(pieces, by: GzipInflater())
            } throws: { error in
                guard case .hollow(let bytes) = error as? GzipError else { return false }
                return bytes > 1 << 20 && bytes <= Int64((1 << 20) + emptyGzip.count)
            }
        }
    }

    @Test func `stops at the size limit and not before`() throws {
        let gzip = GzipDeflater.gzip(text)
        let size = Int64(text.count)
        let enough = GzipInflater(limits: GzipLimits(expandedBytesMax: size))
        #expect(try inflated([gzip], by: enough) == text)
        let tooSmall = GzipInflater(limits: GzipLimits(expandedBytesMax: size - 1))
        #expect(throws: GzipError.tooLarge(expandedBytes: size)) {
            try inflated([gzip], by: tooSmall)
        }
    }

    @Test func `repeats the first error`() {
        let inflater = GzipInflater()
        #expect(throws: GzipError.notGzip) { try inflated([[0]], by: inflater) }
        #expect(throws: GzipError.notGzip) { try inflated([emptyGzip], by: inflater) }
        #expect(throws: GzipError.notGzip) { try inflater.finish() }
    }

    @Test func `inflates megabytes in random cuts`() throws {
        var random = SeededGenerator(seed: 7)
        let plain = (0..<600_000).map { _ in UInt8(truncatingIfNeeded: random.next() % 7) }
        let gzip = GzipDeflater.gzip(plain)
        var rest = gzip[...]
        var pieces: [[UInt8]] = []
        while !rest.isEmpty {
            let length = Int(random.next() % 5_000)
            pieces.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        #expect(try inflated(pieces) == plain)
    }
}

private func inflated(_ gzip: [UInt8]) throws -> [UInt8] {
    try inflated([gzip])
}

private func inflated(
    _ pieces: [[UInt8]], by inflater: GzipInflater = GzipInflater()
) throws -> [UInt8] {
    var plain: [UInt8] = []
    for piece in pieces {
        try piece.withUnsafeBytes { bytes in
            try inflater.inflate(bytes) { plain.append(contentsOf: $0) }
        }
    }
    try inflater.finish()
    return plain
}

/// The same member with an extra field, a name, a comment and a header CRC (RFC 1952 §2.3).
private func decorated(_ gzip: [UInt8]) -> [UInt8] {
    var header = Array(gzip[..<10])
    header[3] = 0b0001_1110
    header += [3, 0, 0xaa, 0x00, 0xbb]
    header += Array("trades.csv".utf8) + [0] + Array("a comment".utf8) + [0]
    var register: UInt32 = 0xffff_ffff
    for byte in header {
        register ^= UInt32(byte)
        for _ in 0..<8 {
            register = register & 1 == 0 ? register >> 1 : register >> 1 ^ 0xedb8_8320
        }
    }
    let crc = ~register
    header += [UInt8(truncatingIfNeeded: crc), UInt8(truncatingIfNeeded: crc >> 8)]
    return header + gzip[10...]
}
