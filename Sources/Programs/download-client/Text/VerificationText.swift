// The result of a verification, in words.

import APITypes

/// Describes verifications.
enum VerificationText {
    /// The outcome of a verification: its findings, then the repairs.
    ///
    /// - Parameter takesRevisions: whether changed files at Tardis were accepted.
    static func outcome(
        _ job: JobResponse, takesRevisions: Bool, program: String
    ) -> [String] {
        var lines: [String]
        if let result = job.verification, found(job) > 0 {
            lines = ["⚠️ Job \(job.id) verified: \(text(result))"]
            if result.filesChanged > 0 {
                let files = result.filesChanged == 1 ? "1 file" : "\(result.filesChanged) files"
                lines.append(
                    takesRevisions
                        ? "Tardis has other bytes of \(files) now; they were taken."
                        : "Tardis has other bytes of \(files) now; they were left out. To take "
                            + "them: \(program) verify \(job.id) --accept-revision")
            }
            lines.append("Which files: \(program) files \(job.id)")
        } else if job.verification == nil, found(job) > 0 {
            // Older services report no more.
            let files = found(job) == 1 ? "1 file was" : "\(found(job)) files were"
            lines = ["⚠️ Job \(job.id) verified: \(files) damaged or missing, and repaired"]
        } else if job.status == "completed" {
            let count = job.verification?.filesChecked ?? job.filesTotal
            let files = count == 1 ? "1 file is" : "all \(count) files are"
            lines = [
                "✅ Job \(job.id) verified: \(files) as recorded, \(ByteText.of(job.bytesDone))"
            ]
        } else {
            lines = [WatchText.change(job)]
        }
        return lines + JobText.fact("Dataset digest", job.datasetDigest) + formerDigest(job)
            + JobText.error(job)
    }

    /// The lines of `status` about the last verification.
    static func facts(_ job: JobResponse) -> [String] {
        guard let time = job.verification?.at ?? job.verifiedAt else { return [] }
        let what =
            job.verification.map { ", \(text($0))" }
            ?? (found(job) > 0 ? ", \(found(job)) repaired" : "")
        return JobText.fact("Verified", time + what) + formerDigest(job)
    }

    /// 3 where a file was not as recorded; otherwise as for any job.
    static func exitStatus(_ job: JobResponse) -> ExitStatus {
        found(job) > 0 ? .gaps : WatchText.exitStatus(job)
    }

    /// Files that were not as recorded.
    private static func found(_ job: JobResponse) -> Int {
        guard let result = job.verification else { return max(job.filesRepaired ?? 0, 0) }
        return max(result.filesDamaged, result.filesMissing, result.filesChanged, 0)
    }

    /// `3 files checked, 1 damaged, 1 missing, 2 repaired, 1 changed at Tardis`.
    private static func text(_ result: VerificationResponse) -> String {
        let files = result.filesChecked == 1 ? "1 file" : "\(result.filesChecked) files"
        let parts = [
            (result.filesDamaged, "damaged"), (result.filesMissing, "missing"),
            (result.filesRepaired, "repaired"), (result.filesChanged, "changed at Tardis"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return (["\(files) checked"] + (parts.isEmpty ? ["all as recorded"] : parts))
            .joined(separator: ", ")
    }

    /// The digest before the present one, where there was another.
    private static func formerDigest(_ job: JobResponse) -> [String] {
        let former = job.verification?.formerDigest
        return former == job.datasetDigest ? [] : JobText.fact("Former digest", former)
    }
}
