// How many typing slips lie between two spellings. It must not know why somebody compares them.

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
