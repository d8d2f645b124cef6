// The texts of notifications, as HTML and as plain text.
//
// Values are cut before they are escaped, so that no cut falls into an entity.

import Bytes
import Datasets
import Jobs

/// One message to the team.
struct MessageText: Hashable {
    /// A line of the message: what it is about, and its value.
    struct Line: Hashable {
        var label: String
        var value: String
    }

    private static let symbolsMax = 3
    /// What the error is cut to, as its readers are used to.
    private static let errorCharactersMax = 200
    /// Telegram takes 4096 code points after parsing; the values of all lines together stay below,
    /// with room for the labels.
    private static let valueScalarsMax = 700

    var title: String
    var lines: [Line]

    init(_ notification: JobNotification) {
        if let merged = notification.merged {
            self = MessageText(merged, as: notification)
            return
        }
        let job = notification.job
        title = MessageText.title(of: notification)
        let subject = [
            Line(label: "Job ID", value: job.id.description),
            Line(label: "Exchange", value: TextFormat.oneLine(job.exchange)),
            Line(label: "Symbols", value: MessageText.summary(of: job)),
        ]
        lines = MessageText.cut(subject + MessageText.details(of: notification))
    }

    /// One message in place of many.
    private init(_ merged: MergedNotifications, as first: JobNotification) {
        let isVerification = first.isAboutVerification
        let (symbol, verb) =
            switch first.kind {
            case .started: ("🚀", "Started")
            case .completed: isVerification ? ("🔎", "Verified") : ("✅", "Completed")
            case .failed: ("❌", "Failed")
            case .cancelled: ("🚫", "Cancelled")
            }
        let isFailed = isVerification && first.kind == .failed
        title =
            "\(symbol) \(TextFormat.grouped(merged.count)) "
            + "\(isFailed ? "Verifications" : "Downloads") \(verb)"
        let named = merged.firstJobs.map(\.description).joined(separator: ", ")
        let rest = merged.jobs - merged.firstJobs.count
        lines = MessageText.cut([
            Line(
                label: "Job IDs",
                value: rest > 0 ? "\(named) (+\(TextFormat.grouped(rest)) more)" : named),
            Line(label: "Requested by", value: TextFormat.oneLine(first.job.createdBy)),
            Line(
                label: "Details",
                value: "So many messages of one kind waited that this one stands for all of them. "
                    + "Ask for a job to see its end: download-client status ID"),
        ])
    }

    private static func cut(_ lines: [Line]) -> [Line] {
        lines.map { Line(label: $0.label, value: $0.value.cut(scalarsMax: valueScalarsMax)) }
    }

    init(_ alert: ServiceAlert) {
        title = alert.isOver ? "▶️ Downloads Go On" : MessageText.title(of: alert.kind)
        lines = [
            Line(label: "Reason", value: alert.kind.rawValue),
            Line(
                label: "Details",
                value: TextFormat.oneLine(alert.text).cut(scalarsMax: MessageText.valueScalarsMax)),
        ]
    }

    /// For `parse_mode` HTML.
    var html: String {
        (["<b>\(HTMLText.escape(title))</b>", ""]
            + lines.map { "<b>\($0.label):</b> \(HTMLText.escape($0.value))" })
            .joined(separator: "\n")
    }

    /// The same without markup.
    var plain: String {
        ([title, ""] + lines.map { "\($0.label): \($0.value)" }).joined(separator: "\n")
    }

    private static func title(of alert: ServiceAlert.Kind) -> String {
        switch alert {
        case .upstreamPaused, .diskLow, .inodesLow, .dataRootChanged, .notWritable:
            "⏸️ Downloads Paused"
        case .databaseMoved: "🛑 Database Lost"
        case .backupFailed: "⚠️ Backup Failed"
        }
    }

    private static func title(of notification: JobNotification) -> String {
        if let found = verification(in: notification) {
            guard notification.kind == .completed else { return "❌ Verification Failed" }
            return found.isClean ? "✅ Download Verified" : "⚠️ Download Verified"
        }
        return switch notification.kind {
        case .started: "🚀 Download Started"
        case .completed: "✅ Download Completed"
        case .failed: "❌ Download Failed"
        case .cancelled: "🚫 Download Cancelled"
        }
    }

    private static func details(of notification: JobNotification) -> [Line] {
        let job = notification.job
        if let found = verification(in: notification) {
            return lines(about: found, of: job)
        }
        switch notification.kind {
        case .started:
            return [
                Line(
                    label: "Date Range",
                    value:
                        "\(TextFormat.oneLine(job.startDate)) to \(TextFormat.oneLine(job.endDate))"
                ),
                Line(label: "Requested by", value: TextFormat.oneLine(job.createdBy)),
            ]
        case .completed:
            return [Line(label: "Duration", value: duration(of: job))] + counts(of: job)
                + job.outcomeNotes.map { Line(label: "Note", value: $0) } + warnings(about: job)
        case .failed:
            return counts(of: job) + error(of: job)
        case .cancelled:
            guard let reason = job.errorMessage else { return counts(of: job) }
            return counts(of: job) + [
                Line(label: "Reason", value: reason.cut(charactersMax: errorCharactersMax))
            ]
        }
    }

    private static func error(of job: Job) -> [Line] {
        let error = job.errorMessage ?? "unknown"
        return [Line(label: "Error", value: error.cut(charactersMax: errorCharactersMax))]
    }

    /// How the job's files ended, where not all of them have rows.
    private static func counts(of job: Job) -> [Line] {
        JobOutcome.counts(of: job.progress).map { [Line(label: "Files", value: $0)] } ?? []
    }

    /// The findings, if the notification is about the end of a verification.
    private static func verification(in notification: JobNotification) -> JobVerification? {
        notification.job.integrity.verification.flatMap {
            $0.endedAt == notification.at ? $0 : nil
        }
    }

    private static func lines(about found: JobVerification, of job: Job) -> [Line] {
        let counts = JobOutcome.counts(of: found, repaired: job.integrity.filesRepaired)
        var lines = [Line(label: "Files", value: counts)]
        if job.errorMessage != nil { lines += error(of: job) }
        if let former = job.integrity.formerDigest, found.filesChanged > 0 {
            lines.append(
                Line(
                    label: "Digest",
                    value: "was \(former), is \(job.integrity.datasetDigest ?? "none")"))
        }
        let span = found.endedAt - (found.startedAt ?? found.endedAt)
        return lines + [Line(label: "Duration", value: text(of: span))]
    }

    private static func warnings(about job: Job) -> [Line] {
        let count = job.integrity.filesSuspicious
        guard count > 0 else { return [] }
        return [
            Line(
                label: "⚠️ Suspicious",
                value:
                    "\(TextFormat.counted(count, "file")) of unusual size, see the job's manifest")
        ]
    }

    private static func summary(of job: Job) -> String {
        let shown = job.symbols.prefix(symbolsMax).map { TextFormat.oneLine($0) }
            .joined(separator: ", ")
        let rest = job.symbolsTotal - symbolsMax
        return rest > 0 ? "\(shown) (+\(rest) more)" : shown
    }

    /// From its start to its end: `1h 2m 3s`, and `0s` for anything shorter than a second.
    private static func duration(of job: Job) -> String {
        guard let end = job.completedAt else { return "unknown" }
        return text(of: end - (job.startedAt ?? job.createdAt))
    }

    private static func text(of span: Duration) -> String {
        let seconds = max(0, span.components.seconds)
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        if hours > 0 { return "\(hours)h \(minutes)m \(seconds % 60)s" }
        return minutes > 0 ? "\(minutes)m \(seconds % 60)s" : "\(seconds)s"
    }
}

extension String {
    /// At most so many characters, an ellipsis in place of the rest.
    func cut(charactersMax: Int) -> String {
        let kept = prefix(charactersMax)
        return kept.endIndex == endIndex ? self : kept + "…"
    }

    /// At most so many code points, cut between characters, an ellipsis in place of the rest: one
    /// character may have any number of code points.
    func cut(scalarsMax: Int) -> String {
        guard unicodeScalars.count > scalarsMax else { return self }
        var kept = ""
        var count = 1
        for character in self {
            count += character.unicodeScalars.count
            guard count <= scalarsMax else { break }
            kept.append(character)
        }
        return kept + "…"
    }
}
