// Whole numbers in paths and queries, as pydantic 2.5 read them; recorded from it.

import Testing

@testable import API

@Suite struct IntegerTextTests {
    @Test(arguments: [
        ("1", "1"), ("01", "1"), ("-1", "-1"), ("+1", "1"), ("1_0", "10"), ("1.0", "1"),
        ("1.00", "1"), ("1.", "1"), ("-0", "0"), ("-01", "-1"), ("-1.0", "-1"), ("0_1", "1"),
        ("00", "0"), ("-_1", "-1"), ("-0.0", "0"), ("+_1", "1"), ("007.000", "7"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("99999999999999999999999", "99999999999999999999999"),
    ])
    func `reads what pydantic read`(text: String, number: String) {
        #expect(IntegerText(text)?.description == number)
    }

    @Test(arguments: [
        "", "-", "+", "--1", "+-1", "1__0", "_1", "1_", "1.0_0", ".0", "0x1", "1e3", "1_0.0",
        "1 0", "１", "1.0.0", "1_.0", " 1", "1 ", "abc", "1.5", "true", "１２", "1\n", "1\0",
    ])
    func `refuses what pydantic refused`(text: String) {
        #expect(IntegerText(text) == nil)
    }

    @Test func `stays in range where the number does not`() {
        #expect(IntegerText("99999999999999999999")?.value == nil)
        #expect(IntegerText("99999999999999999999")?.clamped == .max)
        #expect(IntegerText("-99999999999999999999")?.clamped == .min)
    }
}
