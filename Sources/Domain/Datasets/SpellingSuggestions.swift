// Finds the names nearest to a wrong one, so that an error can say what was probably meant.

/// The names that a misspelt one probably meant.
package enum SpellingSuggestions {
    /// Longer texts are no misspelt names, so they are not compared.
    private static let comparedBytesMax = 128

    /// The names nearest to a text, best first; none where nothing is near.
    ///
    /// Case and the separators `-`, `_`, `/`, `:` and space do not count. Near is what a few typing
    /// slips turn into the name, and what the name begins with.
    package static func nearest(
        to text: String, among names: some Sequence<String>, limit: Int = 3
    ) -> [String] {
        guard text.utf8.count <= comparedBytesMax else { return [] }
        let wanted = Array(folded(text))
        guard !wanted.isEmpty, limit > 0 else { return [] }
        let slipsMax = wanted.count <= 3 ? 1 : max(2, wanted.count / 3)
        var best: [Candidate] = []
        var name: [UInt8] = []
        for spelling in names {
            name.removeAll(keepingCapacity: true)
            name.append(contentsOf: folded(spelling))
            let slips: Int
            if let distance = EditDistance.between(wanted, name, atMost: slipsMax) {
                slips = distance
            } else if wanted.count > 1, name.starts(with: wanted) {
                slips = slipsMax + 1
            } else {
                continue
            }
            let candidate = Candidate(
                slips: slips, lengthGap: abs(name.count - wanted.count), spelling: spelling)
            guard !best.contains(candidate) else { continue }
            let index = best.firstIndex { candidate < $0 } ?? best.endIndex
            guard index < limit else { continue }
            best.insert(candidate, at: index)
            if best.count > limit { best.removeLast() }
        }
        return best.map(\.spelling)
    }

    /// The bytes of a name without case and separators.
    static func folded(_ text: String) -> some Sequence<UInt8> {
        text.utf8.lazy
            .filter { !isSeparator($0) }
            .map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: ":"),
            UInt8(ascii: " "):
            true
        default: false
        }
    }

    private struct Candidate: Comparable {
        var slips: Int
        var lengthGap: Int
        var spelling: String

        static func < (left: Candidate, right: Candidate) -> Bool {
            (left.slips, left.lengthGap, left.spelling)
                < (right.slips, right.lengthGap, right.spelling)
        }
    }
}

/// The optimal string alignment distance: a slip inserts, drops or replaces one byte, or swaps two
/// neighbours.
package enum EditDistance {
    /// The distance, or `nil` where it is greater than `bound`; stops as soon as that is certain.
    package static func between(_ left: [UInt8], _ right: [UInt8], atMost bound: Int) -> Int? {
        guard abs(left.count - right.count) <= bound else { return nil }
        guard !left.isEmpty else { return right.count }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [row]
            current.reserveCapacity(right.count + 1)
            for column in stride(from: 1, through: right.count, by: 1) {
                let replaced = last[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1)
                var cost = min(last[column] + 1, current[column - 1] + 1, replaced)
                if row > 1, column > 1, left[row - 1] == right[column - 2],
                    left[row - 2] == right[column - 1]
                {
                    cost = min(cost, beforeLast[column - 2] + 1)
                }
                current.append(cost)
            }
            // A swap reaches back two rows, so both must be beyond the bound.
            if current.min()! > bound, last.min()! > bound { return nil }
            beforeLast = last
            last = current
        }
        return last[right.count] <= bound ? last[right.count] : nil
    }
}
