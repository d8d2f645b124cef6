// Finds files of a size that the symbol's other days make unlikely; reports them, decides nothing.

package import Datasets

/// The size of one published file.
package struct FileSize: Hashable, Sendable {
    package var day: Day
    package var rows: Int64
    /// Compressed.
    package var bytes: Int64

    package init(day: Day, rows: Int64, bytes: Int64) {
        self.day = day
        self.rows = rows
        self.bytes = bytes
    }
}

/// The sizes of a job's files of one kind and symbol, and those to compare them with.
package struct FileSizes: Hashable, Sendable {
    /// The job's own files, by position.
    package var own: [Int: FileSize]
    /// Files of other jobs on other days.
    package var others: [FileSize]

    package init(own: [Int: FileSize], others: [FileSize]) {
        self.own = own
        self.others = others
    }

    /// Warnings about the sizes of the job's own files, by position.
    package var sizeWarnings: [Int: String] {
        let check = SizeCheck(own.values + others)
        return own.compactMapValues(check.outlier(of:))
    }
}

/// Compares a day with its neighbours, by median and median absolute deviation: unlike mean and
/// standard deviation they are not moved by the very days that are looked for (Iglewicz and
/// Hoaglin, "How to Detect and Handle Outliers", 1993).
package struct SizeCheck: Sendable {
    /// Neighbours needed to judge a size.
    private static let neighboursMin = 5
    /// The nearest days that a size is compared with.
    private static let neighboursMax = 30
    /// A neighbour is at most this many days away: markets change.
    private static let daysMax = 45
    /// An outlier is more than this many deviations from the median, scaled to standard deviations
    /// of a normal distribution,
    private static let deviationsMax = 6.0
    private static let normalScale = 1.4826
    /// and at least this many times more or less than the median: weekends and holidays halve and
    /// double markets.
    private static let factorMin = 4.0

    private let sizes: [FileSize]

    /// - Parameter sizes: of one exchange, kind and symbol; one for each day.
    package init(_ sizes: [FileSize]) {
        self.sizes = sizes.sorted { $0.day < $1.day }
    }

    /// Why a size is an outlier, in words; `nil` where it is none, or too little is known.
    package func outlier(of size: FileSize) -> String? {
        let neighbours = neighbours(of: size.day)
        guard neighbours.count >= SizeCheck.neighboursMin else { return nil }
        return outlier("rows", size.rows, neighbours.map(\.rows))
            ?? outlier("bytes", size.bytes, neighbours.map(\.bytes))
    }

    private func neighbours(of day: Day) -> [FileSize] {
        let near = sizes.filter { other in
            other.day != day && abs(other.day.distance(to: day)) <= SizeCheck.daysMax
        }
        let nearest = near.sorted { left, right in
            abs(left.day.distance(to: day)) < abs(right.day.distance(to: day))
        }
        return Array(nearest.prefix(SizeCheck.neighboursMax))
    }

    private func outlier(_ unit: String, _ value: Int64, _ others: [Int64]) -> String? {
        let values = others.map(Double.init)
        let median = SizeCheck.median(values)
        let deviation = SizeCheck.median(values.map { abs($0 - median) }) * SizeCheck.normalScale
        let own = Double(value)
        guard own * SizeCheck.factorMin < median || own > median * SizeCheck.factorMin,
            abs(own - median) > SizeCheck.deviationsMax * deviation
        else { return nil }
        return "\(TextFormat.grouped(Int(value))) \(unit), where \(others.count) days nearby have "
            + "\(TextFormat.grouped(Int(median.rounded()))) (median)"
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
