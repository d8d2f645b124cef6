// Scans of eight bytes at once give the results of scans byte by byte.

import TestSupport
import Testing

@testable import Bytes

@Suite struct ByteScanTests {
    /// Texts of up to five words, with one odd byte at every place, and with none.
    private static let texts: [[UInt8]] = (0...40).flatMap { length in
        let plain = [UInt8](repeating: 0x61, count: length)
        let odd = (0..<length).flatMap { place in
            [0x00, 0x09, 0x0A, 0x1F, 0x20, 0x22, 0x5B, 0x5C, 0x7E, 0x7F, 0x80, 0xFF].map {
                (byte: UInt8) in
                var text = plain
                text[place] = byte
                return text
            }
        }
        return [plain] + odd
    }

    @Test func `finds the first position of a byte`() {
        for text in ByteScanTests.texts {
            for byte: UInt8 in [0x0A, 0x00, 0x80, 0x61] {
                let found = first(byte, text, 0..<text.count)
                #expect(found == text.firstIndex(of: byte) ?? text.count, "\(byte) in \(text)")
            }
        }
    }

    @Test func `a search stays in its range`() {
        let text = Array("a\nbcdefghijklmnop\nq".utf8)
        #expect(first(0x0A, text, 2..<text.count) == 17)
        #expect(first(0x0A, text, 2..<17) == 17)
        #expect(first(0x0A, text, 2..<10) == 10)
        #expect(first(0x0A, text, 4..<4) == 4)
        #expect(!hasControl(text, 2..<17))
        #expect(hasControl(text, 2..<18))
    }

    @Test func `distinguishes text with escapes from plain text`() {
        for text in ByteScanTests.texts {
            let wanted = text.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
            #expect(text.withUnsafeBufferPointer(ByteScan.isPlain) == wanted, "\(text)")
        }
    }

    @Test func `control characters are found, and a tab is none`() {
        for text in ByteScanTests.texts {
            let wanted = text.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }
            #expect(hasControl(text, 0..<text.count) == wanted, "\(text)")
        }
    }

    @Test func `scans random bytes alike`() {
        var random = SeededGenerator(seed: 7)
        let bytes: [UInt8] = [
            0x09, 0x0A, 0x1F, 0x20, 0x21, 0x22, 0x5C, 0x7F, 0x80, 0x81, 0xA2, 0xFF,
        ]
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                bytes.randomElement(using: &random) ?? 0
            }
            let isControlled = text.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }
            #expect(hasControl(text, 0..<text.count) == isControlled, "\(text)")
            let isPlain = text.allSatisfy {
                (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C
            }
            #expect(text.withUnsafeBufferPointer(ByteScan.isPlain) == isPlain, "\(text)")
            let first = first(0x21, text, 0..<text.count)
            #expect(first == text.firstIndex(of: 0x21) ?? text.count, "\(text)")
        }
    }

    // Expectations cannot hold a span.

    private func first(_ byte: UInt8, _ text: [UInt8], _ range: Range<Int>) -> Int {
        ByteScan.first(byte, in: text.span, range)
    }

    private func hasControl(_ text: [UInt8], _ range: Range<Int>) -> Bool {
        ByteScan.hasControl(in: text.span, range)
    }
}
