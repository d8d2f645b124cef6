// What makes two names of users the same name. It must not know where names come from.
//
// One sign may be written in more than one way: `é` as one code point, or as `e` and an accent.
// What is compared, stored, filtered and allowed is the composed form (NFC, Unicode Standard Annex
// 15), which keyboards give. The standard library composes for its own comparisons, and lends that
// only as SPI; FoundationEssentials, where it is public elsewhere, lacks it on Linux.

@_spi(_Unicode) import Swift

/// Names of users.
package enum UserName {
    /// The one spelling of a name.
    package static func canonical(_ name: String) -> String {
        // Nearly all names, and already what they would become.
        if name.utf8.allSatisfy({ $0 < 0x80 }) { return name }
        var composed = String.UnicodeScalarView()
        for scalar in name._nfc { composed.append(scalar) }
        return String(composed)
    }
}
