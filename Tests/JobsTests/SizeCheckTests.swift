// Outliers among file sizes.

import Datasets
import Jobs
import Testing

@Suite struct SizeCheckTests {
    private func sizes(_ rows: [Int64]) -> [FileSize] {
        rows.enumerated().map { number, rows in
            FileSize(day: Day(daysSinceEpoch: number), rows: rows, bytes: rows * 10)
        }
    }

    private func outliers(_ rows: [Int64]) -> [Int] {
        let sizes = sizes(rows)
        let check = SizeCheck(sizes)
        return sizes.indices.filter { check.outlier(of: sizes[$0]) != nil }
    }

    @Test func `a day far above or below its neighbours is an outlier`() {
        #expect(outliers([100, 110, 90, 105, 95, 100, 2, 100]) == [6])
        #expect(outliers([100, 110, 90, 105, 95, 100, 5_000, 100]) == [6])
        let sizes = sizes([100, 110, 90, 105, 95, 1_234])
        #expect(
            SizeCheck(sizes).outlier(of: sizes[5])
                == "1,234 rows, where 5 days nearby have 100 (median)")
    }

    @Test func `weekends and volatile markets have no outliers`() {
        #expect(outliers([100, 100, 100, 100, 100, 40, 35, 100, 100, 100, 100, 100, 45, 30]) == [])
        #expect(outliers([100, 300, 50, 600, 40, 400, 90, 500, 30, 350]) == [])
        #expect(outliers([100, 100, 100, 100, 100, 300]) == [])
    }

    @Test func `several outliers do not hide each other`() {
        #expect(outliers([100, 1, 100, 2, 100, 100, 1, 100, 100, 100]) == [1, 3, 6])
    }

    @Test func `too few or too distant neighbours give no outlier`() {
        #expect(outliers([100, 100, 100, 100, 1]) == [])
        let old = sizes([100, 100, 100, 100, 100, 100])
        let new = FileSize(day: Day(daysSinceEpoch: 400), rows: 1, bytes: 10)
        #expect(SizeCheck(old + [new]).outlier(of: new) == nil)
    }

    @Test func `few bytes make an outlier although the rows do not`() {
        var all = sizes([100, 100, 100, 100, 100, 100])
        all[2].bytes = 50
        #expect(
            SizeCheck(all).outlier(of: all[2])
                == "50 bytes, where 5 days nearby have 1,000 (median)")
    }

    @Test func `a job's files are compared with other jobs' days`() {
        let others = sizes([100, 100, 100, 100, 100])
        let own = [7: FileSize(day: Day(daysSinceEpoch: 10), rows: 3, bytes: 1_000)]
        #expect(FileSizes(own: own, others: others).sizeWarnings.keys.sorted() == [7])
        #expect(FileSizes(own: own, others: []).sizeWarnings.isEmpty)
    }
}
