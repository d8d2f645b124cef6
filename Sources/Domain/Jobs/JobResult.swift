// What a job comes to when all its files have ended. It must not look at the files that ended well.

import Datasets

/// The final state of a job, and what its owner is told.
package struct JobResult: Hashable, Sendable {
    package let state: JobState
    /// What failed and why, with the names of the files; `nil` where all is well.
    package let errorMessage: String?

    /// The message is shown in lists and sent to chats.
    private static let messageCharactersMax = 1_000
    private static let reasonCharactersMax = 300
    /// Files named for one reason; who wants all of them asks for the job's files.
    private static let namesMax = 5

    /// - Parameter tally: of a job none of whose files is open.
    package init(_ tally: FileStateCounts) {
        let bad = tally.counts.filter { !$0.key.isGood }.values.reduce(0, +)
        if bad == 0, tally.total > 0 {
            state = .completed
            errorMessage = nil
            return
        }
        state = .failed
        guard tally.total > 0 else {
            errorMessage = "The request came to no files at all."
            return
        }
        let failed = bad == tally.counts[.cancelled] ? "were cancelled" : "failed"
        let head =
            "\(TextFormat.grouped(bad)) of \(TextFormat.counted(tally.total, "file")) \(failed)."
        errorMessage = JobResult.message(head, tally.failures, of: bad)
    }

    /// As many files as fit, those with the same reason together.
    private static func message(_ head: String, _ failures: [FileRecord], of bad: Int) -> String {
        var groups: [(reason: String, names: [String])] = []
        for record in failures {
            let reason = TextFormat.shortened(
                record.failure?.detail ?? "No reason was recorded.", to: reasonCharactersMax)
            if let last = groups.indices.last, groups[last].reason == reason {
                guard groups[last].names.count < namesMax else { continue }
                groups[last].names.append(record.file.name)
            } else {
                groups.append((reason, [record.file.name]))
            }
        }
        var text = head
        var named = 0
        for group in groups {
            let addition = " \(group.names.joined(separator: ", ")): \(group.reason)"
            let rest = remainder(bad - named - group.names.count)
            if named > 0, text.count + addition.count + rest.count > messageCharactersMax { break }
            text += addition
            named += group.names.count
        }
        guard named > 0 else { return head }
        let rest = remainder(bad - named)
        return TextFormat.shortened(text, to: messageCharactersMax - rest.count) + rest
    }

    private static func remainder(_ count: Int) -> String {
        count > 0 ? " (and \(TextFormat.grouped(count)) more)" : ""
    }
}
