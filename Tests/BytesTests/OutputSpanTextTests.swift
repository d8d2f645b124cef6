// Pieces written one after the other.

import Testing

@testable import Bytes

@Suite struct OutputSpanTextTests {
    @Test(arguments: [0, 1, 9, 10, 99, 100, 12_345, 1_000_000_000, Int.max - 1, Int.max])
    func `writes a number in decimal digits`(number: Int) {
        let bytes = [UInt8](capacity: OutputSpan<UInt8>.decimalDigitsMax) {
            $0.append(decimal: number)
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "\(number)")
    }

    @Test func `appends pieces, and nothing for empty ones`() {
        var bytes = Array("<".utf8)
        bytes.append(addingCapacity: 32) { line in
            line.append(text: "é")
            line.append(text: "")
            line.append([])
            line.append([0x62, 0x63, 0x64], 1..<2)
            line.append([0x62], 0..<0)
            line.append(UnsafeBufferPointer(start: nil, count: 0))
            line.append(text: "-" as StaticString)
            line.append(decimal: 7)
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "<éc-7")
    }

    @Test func `more than the capacity is a mistake of the program`() async {
        await #expect(processExitsWith: .failure) {
            _ = [UInt8](capacity: 2) { $0.append(text: "abc" as StaticString) }
        }
    }
}
