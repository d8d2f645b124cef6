// The final state of a job, and sentences about it for its owner and the team.

import Datasets

/// The final state of a job, and the error message for its owner.
package struct JobResult: Hashable, Sendable {
    package let state: JobState
    /// What failed and why, with the names of the files; `nil` where all is well.
    package let errorMessage: String?

    /// The message is shown in lists and sent to chats.
    private static let messageCharactersMax = 1_000
    private static let reasonCharactersMax = 300
    /// Files named for one reason; the job's files list all of them.
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
            let remainder = TextFormat.andMore(bad - named - group.names.count)
            if named > 0, text.count + addition.count + remainder.count > messageCharactersMax {
                break
            }
            text += addition
            named += group.names.count
        }
        guard named > 0 else { return head }
        let remainder = TextFormat.andMore(bad - named)
        return TextFormat.shortened(text, to: messageCharactersMax - remainder.count) + remainder
    }
}

/// Sentences about the files of a job that has ended.
package enum JobOutcome {
    /// Files named in a sentence; the manifest has all of them.
    package static let namesMax = 3
    /// Files named for each kind of finding in an event.
    private static let findingsMax = 5

    /// The notes of a job that has ended: files without a row, and gaps that were accepted.
    ///
    /// - Parameters:
    ///   - empty: names of the first files without a row, at most ``namesMax`` are used.
    ///   - gaps: the same of accepted gaps.
    package static func notes(
        of progress: JobProgress, empty: [String], gaps: [String]
    ) -> [String] {
        var notes: [String] = []
        if progress.filesEmpty > 0 {
            let has = progress.filesEmpty == 1 ? "has no rows" : "have no rows"
            notes.append(
                "\(TextFormat.counted(progress.filesEmpty, "file")) \(has), since Tardis has no "
                    + "data for the day: \(named(empty, of: progress.filesEmpty)).")
        }
        if progress.gapsAccepted > 0 {
            let was = progress.gapsAccepted == 1 ? "was" : "were"
            notes.append(
                "\(TextFormat.counted(progress.gapsAccepted, "gap")) \(was) accepted: "
                    + "\(named(gaps, of: progress.gapsAccepted)).")
        }
        return notes
    }

    /// What a verification found, for the history: numbers, and the first files by name.
    ///
    /// - Parameter files: those that were not as recorded, the first ones.
    package static func report(
        of found: JobVerification, repaired: Int, files: [FileRecord]
    ) -> String {
        var sentences = ["\(counts(of: found, repaired: repaired))."]
        for finding in FileFinding.allCases {
            let names = files.filter { $0.finding == finding }.map(\.file.name)
            let count = finding == .damaged ? found.filesDamaged : found.filesMissing
            if count > 0 {
                sentences.append(
                    "\(finding == .damaged ? "Damaged" : "Missing"): "
                        + "\(named(names, of: count, atMost: findingsMax)).")
            }
        }
        for file in files.filter({ $0.isRevised }).prefix(findingsMax) {
            guard let revision = file.revision else { continue }
            sentences.append(
                "Changed at Tardis: \(file.file.name), recorded \(revision.recordedSHA256), now "
                    + "\(revision.sha256)\(file.checksum == nil ? ", left out" : ", taken").")
        }
        return sentences.joined(separator: " ")
    }

    /// `31 files checked: 1 damaged, 1 missing, 2 repaired`.
    package static func counts(of found: JobVerification, repaired: Int) -> String {
        let checked = "\(TextFormat.counted(found.filesChecked, "file")) checked"
        if found.isClean { return "\(checked), all as recorded" }
        let parts = [
            (found.filesDamaged, "damaged"), (found.filesMissing, "missing"),
            (repaired, "repaired"), (found.filesChanged, "changed at Tardis"),
        ]
        return "\(checked): \(listed(parts))"
    }

    /// How the files of a job ended, where not all of them have rows: `31 files: 28 with rows, 1
    /// empty, 2 unavailable`; `nil` where all have.
    package static func counts(of progress: JobProgress) -> String? {
        let plain = progress.filesDone - progress.filesEmpty - progress.filesUnavailable
        guard progress.filesTotal > 0, plain != progress.filesTotal else { return nil }
        let parts = [
            (plain, "with rows"), (progress.filesEmpty, "empty"),
            (progress.filesUnavailable - progress.gapsAccepted, "unavailable"),
            (progress.gapsAccepted, progress.gapsAccepted == 1 ? "accepted gap" : "accepted gaps"),
            (progress.filesFailed, "failed"), (progress.filesCancelled, "cancelled"),
        ]
        let list = listed(parts)
        return TextFormat.counted(progress.filesTotal, "file") + (list.isEmpty ? "" : ": \(list)")
    }

    private static func listed(_ parts: [(Int, String)]) -> String {
        parts.filter { $0.0 > 0 }.map { "\(TextFormat.grouped($0.0)) \($0.1)" }
            .joined(separator: ", ")
    }

    private static func named(
        _ names: [String], of count: Int, atMost most: Int = namesMax
    ) -> String {
        let shown = names.prefix(most)
        return shown.joined(separator: ", ") + TextFormat.andMore(count - shown.count)
    }
}
