// Dates and times digit by digit: every file name, log line and row has some. It must not know what
// the numbers mean.

/// Writes numbers of a fixed width into memory that is large enough.
struct DigitWriter {
    private let memory: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    /// - Parameter bytesMax: how much is written at most.
    init(_ buffer: UnsafeMutableBufferPointer<UInt8>, bytesMax: Int) {
        guard buffer.count >= bytesMax, let memory = buffer.baseAddress else {
            preconditionFailure("there is no room for \(bytesMax) bytes")
        }
        self.memory = memory
    }

    /// - Parameter number: not negative, and of so many digits at most.
    mutating func write(_ number: Int, digits: Int, then separator: Unicode.Scalar?) {
        var rest = UInt32(truncatingIfNeeded: number)
        var place = count &+ digits
        while place > count {
            place &-= 1
            let tens = rest / 10
            memory[place] = 0x30 &+ UInt8(truncatingIfNeeded: rest &- tens &* 10)
            rest = tens
        }
        count &+= digits
        if let separator { write(UInt8(ascii: separator)) }
    }

    mutating func write(_ byte: UInt8) {
        memory[count] = byte
        count &+= 1
    }
}
