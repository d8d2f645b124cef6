// What the catalogue rules out of a plan, in sentences for the job's owner. It must not decide
// anything.

import Datasets

extension Plan {
    /// Sentences about one job are read in lists and chats: more reasons than this are counted.
    private static let absencesMax = 3

    /// Why files will be missing without the job failing, one sentence per reason, such as
    /// `2 files are unavailable: BTCUSDT has data on binance only since 2019-03-30.`
    package var absences: [String] {
        var counts: [String: Int] = [:]
        var reasons: [String] = []
        for file in files where file.state == .unavailable {
            guard let reason = file.failure?.detail else { continue }
            if counts[reason] == nil { reasons.append(reason) }
            counts[reason, default: 0] += 1
        }
        let sentences = reasons.prefix(Plan.absencesMax).map { reason in
            let count = counts[reason, default: 0]
            return TextFormat.counted(count, "file") + (count == 1 ? " is" : " are")
                + " unavailable: \(reason)"
        }
        let more = reasons.dropFirst(Plan.absencesMax).reduce(0) { $0 + counts[$1, default: 0] }
        guard more > 0 else { return sentences }
        return sentences + [
            "\(TextFormat.counted(more, "more file")) unavailable for like reasons."
        ]
    }
}
