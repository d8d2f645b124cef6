// What is worth knowing about how a job ended, in sentences for its owner and the team.

import Datasets

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
                "\(TextFormat.counted(progress.filesEmpty, "file")) \(has), since Tardis has no data "
                    + "for the day: \(named(empty, of: progress.filesEmpty)).")
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
                    + "\(revision.sha256)\(file.proof == nil ? ", left out" : ", taken").")
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
        let more = count - shown.count
        return shown.joined(separator: ", ")
            + (more > 0 ? " (and \(TextFormat.grouped(more)) more)" : "")
    }
}
