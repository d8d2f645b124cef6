// The form of Tardis's exchange ids, such as `binance-futures`. It must not know which ones exist.

/// What can be the id of an exchange at all, and so may stand in URLs and file names.
package enum ExchangeID {
    /// Tardis's longest, `binance-european-options`, has 24.
    static let bytesMax = 64

    /// Whether a text has the form: 1 to 64 lower-case letters, digits and hyphens.
    package static func isWellFormed(_ text: String) -> Bool {
        (1...bytesMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
