// Where libFuzzer comes in: `make fuzz`.

/// Judges one input; libFuzzer keeps those that reach code which none has reached before.
///
/// - Returns: 0, libFuzzer's word for an input that may be kept.
@_cdecl("LLVMFuzzerTestOneInput")
package func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard !bytes.isEmpty else { return 0 }
    let violations = ParserRules.violations(bytes)
    guard violations.isEmpty else { fatalError(violations.joined(separator: "\n")) }
    return 0
}
