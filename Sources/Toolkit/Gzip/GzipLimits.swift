// How much a gzip may expand to before it is taken for a decompression bomb.

/// The bounds of one inflation.
package struct GzipLimits: Hashable, Sendable {
    /// Expanded bytes. The largest dataset known is about 12 GB compressed and 120 GB expanded.
    package var expandedBytesMax: Int64
    /// Expanded bytes per compressed byte. Rows of market data reach about 12; deflate ends at
    /// 1032.
    package var ratioMax: Int64
    /// Up to this many expanded bytes the ratio does not matter: a small file of equal rows may
    /// compress as well as a bomb does, and harms nobody.
    package var ratioExemptBytes: Int64

    /// How far the compressed bytes of whole members may exceed twice the expanded ones. Deflate
    /// adds five bytes to 64 KiB that it cannot compress; what exceeds this is no data.
    static let hollowBytesMax: Int64 = 1 << 20

    package init(
        expandedBytesMax: Int64 = 1 << 40, ratioMax: Int64 = 200,
        ratioExemptBytes: Int64 = 16 << 20
    ) {
        self.expandedBytesMax = expandedBytesMax
        self.ratioMax = ratioMax
        self.ratioExemptBytes = ratioExemptBytes
    }

    /// Whether members of so many compressed bytes hold anything to speak of.
    static func isHollow(expanded: Int64, from compressed: Int64) -> Bool {
        compressed - hollowBytesMax > 2 * expanded
    }

    /// Whether so many expanded bytes from so many compressed ones are still fine.
    func allow(expanded: Int64, from compressed: Int64) -> Bool {
        if expanded > expandedBytesMax { return false }
        if expanded <= ratioExemptBytes { return true }
        return expanded / ratioMax <= compressed
    }
}
