// Gaps: days that Tardis does not have although its catalogue gives no reason. Decides which failed
// files are gaps and can be accepted.

package import Datasets

/// A failed file, as far as it matters whether it is a gap.
package struct GapCandidate: Hashable, Sendable {
    package var record: FileRecord
    /// When Tardis said that it does not have the file.
    package var refusals: [Timestamp]
    /// Whether another day of the same symbol and data type was published, by any job.
    package var hasOtherDays: Bool

    package init(record: FileRecord, refusals: [Timestamp], hasOtherDays: Bool) {
        self.record = record
        self.refusals = refusals
        self.hasOtherDays = hasOtherDays
    }
}

/// Decides which files may be accepted as gaps.
package enum Gaps {
    /// What Tardis answers for a file that it does not have: 404, or 400 with its number 140. A
    /// reason that the catalogue gives has another code.
    package static let codes: Set<String> = ["not_found", "not_available"]
    /// The code of a file that was accepted as a gap; its state is `unavailable`.
    package static let acceptedCode = "gap_accepted"
    /// A younger day may only be late: Tardis usually exports it on the next morning.
    private static let settledAge = Duration.seconds(2 * 86_400)
    /// Reasons in one sentence for people.
    private static let reasonsMax = 5

    /// Why nothing of a job can be accepted; `nil` where that depends on its files.
    package static func objection(to job: Job) -> String? {
        switch job.state {
        case .pending, .running:
            "Job \(job.id) is \(job.state.rawValue). Its gaps can be accepted once it has ended."
        case .cancelled:
            "Job \(job.id) is cancelled. Retry it first; what is missing then can be accepted."
        case .completed:
            job.progress.gapsAccepted > 0
                ? "Job \(job.id) is completed; its gaps were accepted before."
                : "Job \(job.id) is completed and has no gaps."
        case .failed:
            job.progress.isPlanned ? nil : "Job \(job.id) failed before its files were known."
        }
    }

    /// The files that can be accepted, or why none is.
    ///
    /// - Parameters:
    ///   - candidates: all failed files of the job.
    ///   - names: of the files that are to be accepted, all or none; `nil` for every gap.
    package static func choice(
        of candidates: [GapCandidate], named names: [String]?, job: JobID, at now: Timestamp
    ) -> Result<[FileRecord], Refusal> {
        var (chosen, reasons): ([FileRecord], [String]) = ([], [])
        let wanted = names.map(Set.init)
        for candidate in candidates {
            let name = candidate.record.file.name
            if let wanted, !wanted.contains(name) { continue }
            if let objection = objection(to: candidate, at: now) {
                reasons.append("\(name): \(objection)")
            } else {
                chosen.append(candidate.record)
            }
        }
        if let wanted {
            let known = Set(candidates.map(\.record.file.name))
            reasons += wanted.subtracting(known).sorted().map {
                "\(TextFormat.quoted($0)) is no failed file of the job."
            }
        }
        if chosen.isEmpty || wanted != nil && !reasons.isEmpty {
            return .failure(Refusal(job, reasons))
        }
        return .success(chosen)
    }

    /// Why nothing is accepted, in words.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String

        fileprivate init(_ job: JobID, _ reasons: [String]) {
            let shown = reasons.prefix(reasonsMax).joined(separator: " ")
            description =
                "No gap of job \(job) was accepted. "
                + (reasons.isEmpty ? "It has no failed files." : shown)
                + TextFormat.andMore(reasons.count - reasonsMax)
        }
    }

    /// The reason why an accepted gap is missing.
    package static func acceptance(
        of failure: FileFailure?, by principal: Principal, at now: Timestamp
    ) -> FileFailure {
        FileFailure(
            code: acceptedCode,
            detail: "Accepted as a gap by \(principal.name) on \(now.day). "
                + (failure?.detail ?? ""), httpStatus: failure?.httpStatus)
    }

    /// Two answers on different days, or other days of the same symbol, show that Tardis was asked
    /// for the right thing and does not have this day.
    private static func objection(to candidate: GapCandidate, at now: Timestamp) -> String? {
        let record = candidate.record
        guard let failure = record.failure, codes.contains(failure.code) else {
            return "it is no gap, but failed: "
                + TextFormat.shortened(record.failure?.detail ?? "no reason was recorded.", to: 200)
        }
        if record.expectedSHA256 != nil {
            return "it is no gap: the job had it, and lost it on the disk."
        }
        if Set(candidate.refusals.map(\.day)).count > 1 { return nil }
        if now - record.file.day.advanced(by: 1).start < settledAge {
            return "the day may only be late. Retry the job tomorrow."
        }
        return candidate.hasOtherDays
            ? nil
            : "no other day of \(record.file.symbol) has been published, and Tardis was asked on "
                + "one day only. Retry the job tomorrow; if the file is missing then too, it can "
                + "be accepted."
    }
}
