// CSV as Tardis writes it: commas, line feeds, decimal points without trailing zeros, empty cells
// for missing values.

/// Rows under construction.
struct CSVText {
    private(set) var bytes: [UInt8] = []
    private var isAtLineStart = true

    /// Takes the bytes so far, and reserves as many.
    mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        bytes.reserveCapacity(taken.count)
        return taken
    }

    mutating func cell(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    mutating func cell(_ number: Int) {
        separate()
        append(number)
    }

    /// A cell without a value.
    mutating func emptyCell() {
        separate()
    }

    /// `units` of 10^-places, without trailing zeros: 968_219 in 2 places is `9682.19`.
    mutating func decimal(_ units: Int, places: Int) {
        separate()
        var units = units
        var places = places
        while places > 0, units % 10 == 0 {
            units /= 10
            places -= 1
        }
        let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
        if units < 0 { bytes.append(UInt8(ascii: "-")) }
        append(abs(units / scale))
        guard places > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        append(abs(units % scale), width: places)
    }

    mutating func endRow() {
        bytes.append(UInt8(ascii: "\n"))
        isAtLineStart = true
    }

    private mutating func separate() {
        if !isAtLineStart { bytes.append(UInt8(ascii: ",")) }
        isAtLineStart = false
    }

    private mutating func append(_ number: Int, width: Int = 1) {
        var remaining = number.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(remaining % 10))
            remaining /= 10
        } while remaining > 0
        while bytes.count - start < width { bytes.append(UInt8(ascii: "0")) }
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes[start...].reverse()
    }
}
