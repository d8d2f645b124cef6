// How a plan is cut into pieces.

import Datasets
import Jobs
import Testing

struct PlanBatchTests {
    @Test(arguments: [0, 1, 255, 256, 257, 4_352, 4_353, 10_000])
    func `the pieces are the plan, the first one small`(count: Int) {
        let files = (0..<count).map { number in
            PlannedFile(
                file: DatasetFile(
                    exchange: "binance", dataType: .trades, day: Day(daysSinceEpoch: number),
                    symbol: "BTCUSDT"))
        }
        let pieces = PlanBatch.batches(of: files, behind: 7, notes: ["note"])
        #expect(pieces.flatMap(\.files) == files)
        #expect(pieces.map(\.isLast) == pieces.indices.map { $0 == pieces.count - 1 })
        #expect(pieces.allSatisfy { $0.filesTotal == count + 7 && $0.notes == ["note"] })
        var position = 7
        for (index, piece) in pieces.enumerated() {
            #expect(piece.position == position)
            #expect(piece.files.count <= (index == 0 ? 256 : 4_096))
            position += piece.files.count
        }
    }
}
