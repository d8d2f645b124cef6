// The text of each notification.

import Datasets
import Jobs
import Testing

@testable import Notifiers

struct MessageTextTests {
    @Test func `a started job names range and requester`() {
        let text = MessageText(makeNotification(.started))
        #expect(
            text.html == """
                <b>🚀 Download Started</b>

                <b>Job ID:</b> 7
                <b>Exchange:</b> binance
                <b>Symbols:</b> BTCUSDT
                <b>Date Range:</b> 2024-01-01 to 2024-01-31
                <b>Requested by:</b> intern
                """)
        #expect(
            text.plain == """
                🚀 Download Started

                Job ID: 7
                Exchange: binance
                Symbols: BTCUSDT
                Date Range: 2024-01-01 to 2024-01-31
                Requested by: intern
                """)
    }

    @Test(arguments: [
        (JobNotification.Kind.started, false, "🚀 28,940 Downloads Started"),
        (.completed, false, "✅ 28,940 Downloads Completed"),
        (.completed, true, "🔎 28,940 Downloads Verified"),
        (.failed, false, "❌ 28,940 Downloads Failed"),
        (.failed, true, "❌ 28,940 Verifications Failed"),
        (.cancelled, false, "🚫 28,940 Downloads Cancelled"),
    ])
    func `one message for many names the first jobs and counts the others`(
        kind: JobNotification.Kind, isVerification: Bool, title: String
    ) {
        var news = makeNotification(kind, makeJob(createdBy: "<ann>"))
        if isVerification { news.job.integrity.verifiedAt = news.at }
        news.merged = MergedNotifications(
            count: 28_940, jobs: 28_000, firstJobs: [7, 8, 9, 10, 11].map { JobID($0) }, last: 1)
        let text = MessageText(news)
        #expect(text.title == title)
        #expect(text.lines.first?.value == "7, 8, 9, 10, 11 (+27,995 more)")
        #expect(text.html.contains("<b>Requested by:</b> &lt;ann&gt;"))
        news.merged?.jobs = 1
        news.merged?.firstJobs = [JobID(7)]
        #expect(MessageText(news).lines.first == .init(label: "Job IDs", value: "7"))
    }

    @Test func `an alert says what holds downloads up`() {
        let text = MessageText(ServiceAlert(.diskLow, "Less than <1 GiB> is free."))
        #expect(
            text.html == """
                <b>⏸️ Downloads Paused</b>

                <b>Reason:</b> disk_low
                <b>Details:</b> Less than &lt;1 GiB&gt; is free.
                """)
    }

    @Test func `an alert about a backup does not say that downloads pause`() {
        let text = MessageText(ServiceAlert(.backupFailed, "The disk is full."))
        #expect(text.title == "⚠️ Backup Failed")
        #expect(text.plain.contains("Reason: backup_failed"))
    }

    @Test(arguments: [
        (0, "0s"), (59, "59s"), (60, "1m 0s"), (3_600, "1h 0m 0s"), (90_061, "25h 1m 1s"),
        (-5, "0s"),
    ])
    func `a completed job names its duration`(seconds: Int64, expected: String) {
        let text = MessageText(makeNotification(.completed, makeJob(seconds: seconds)))
        #expect(text.title == "✅ Download Completed")
        #expect(text.lines.map(\.label) == ["Job ID", "Exchange", "Symbols", "Duration"])
        #expect(text.lines.last?.value == expected)
    }

    @Test func `a failed job names the error, cut to 200 characters`() {
        let long = String(repeating: "é<", count: 150)
        let text = MessageText(makeNotification(.failed, makeJob(errorMessage: long)))
        #expect(text.title == "❌ Download Failed")
        #expect(text.lines.map(\.label) == ["Job ID", "Exchange", "Symbols", "Error"])
        #expect(text.lines.last?.value == String(repeating: "é<", count: 100) + "…")
        #expect(text.html.hasSuffix("é&lt;…"))
        let exact = String(repeating: "x", count: 200)
        #expect(
            MessageText(makeNotification(.failed, makeJob(errorMessage: exact))).lines.last?.value
                == exact)
        #expect(MessageText(makeNotification(.failed)).lines.last?.value == "unknown")
    }

    @Test func `files of unusual size are mentioned`() {
        var job = makeJob(seconds: 5)
        job.integrity.filesSuspicious = 2
        let text = MessageText(makeNotification(.completed, job))
        #expect(text.title == "✅ Download Completed")
        #expect(text.plain.hasSuffix("Suspicious: 2 files of unusual size, see the job's manifest"))
    }

    @Test func `a job that was verified says what was found`() {
        var job = makeJob(seconds: 5)
        let end = job.createdAt + .seconds(30 * 86_400)
        job.integrity.verification = JobVerification(
            startedAt: end + .seconds(-61), endedAt: end, filesChecked: 31)
        var text = MessageText(makeNotification(.completed, job, at: end))
        #expect(text.title == "✅ Download Verified")
        #expect(text.plain.hasSuffix("Files: 31 files checked, all as recorded\nDuration: 1m 1s"))
        job.integrity.verification?.filesDamaged = 1
        job.integrity.verification?.filesMissing = 1
        job.integrity.filesRepaired = 2
        text = MessageText(makeNotification(.completed, job, at: end))
        #expect(text.title == "⚠️ Download Verified")
        #expect(text.plain.contains("31 files checked: 1 damaged, 1 missing, 2 repaired\n"))
        job.integrity.verification?.filesChanged = 1
        job.integrity.formerDigest = "0a0a"
        job.errorMessage = "1 of 31 files failed."
        text = MessageText(makeNotification(.failed, job, at: end))
        #expect(text.title == "❌ Verification Failed")
        #expect(text.plain.contains("2 repaired, 1 changed at Tardis\nError: 1 of 31"))
        #expect(text.plain.contains("\nDigest: was 0a0a, is none\n"))
        // A later end is no notification of the verification.
        text = MessageText(makeNotification(.completed, job, at: end + .seconds(1)))
        #expect(text.title == "✅ Download Completed")
    }

    @Test func `days without rows, and gaps, are told`() {
        var job = makeJob(seconds: 5)
        job.progress = JobProgress(
            filesTotal: 31, filesDone: 31, filesEmpty: 1, filesUnavailable: 3, gapsAccepted: 1)
        job.outcomeNotes = ["1 file has no rows: x.csv.gz."]
        let text = MessageText(makeNotification(.completed, job))
        #expect(
            text.plain.hasSuffix(
                "Files: 31 files: 27 with rows, 1 empty, 2 unavailable, 1 accepted gap\n"
                    + "Note: 1 file has no rows: x.csv.gz."))
        job.progress = JobProgress(filesTotal: 31, filesDone: 14, filesCancelled: 17)
        #expect(
            MessageText(makeNotification(.cancelled, job)).plain
                .hasSuffix("Files: 31 files: 14 with rows, 17 cancelled"))
    }

    @Test func `a cancelled job is named`() {
        let text = MessageText(makeNotification(.cancelled))
        #expect(text.title == "🚫 Download Cancelled")
        #expect(text.lines.map(\.label) == ["Job ID", "Exchange", "Symbols"])
        let told = MessageText(
            makeNotification(.cancelled, makeJob(errorMessage: "Cancelled by ann.")))
        #expect(told.plain.hasSuffix("\nReason: Cancelled by ann."))
    }

    @Test(arguments: [
        (0, ""), (1, "A"), (3, "A, B, C"), (4, "A, B, C (+1 more)"), (26, "A, B, C (+23 more)"),
    ])
    func `three symbols are named and the rest counted`(count: Int, expected: String) {
        let symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".prefix(count).map { String($0) }
        let text = MessageText(makeNotification(.started, makeJob(symbols: symbols)))
        #expect(text.lines[2].value == expected)
    }

    @Test func `every value is escaped, in HTML only`() {
        let job = makeJob(
            symbols: ["<b>&"], exchange: "a&amp;<", createdBy: "\"><script>", errorMessage: "x<y>z")
        let started = MessageText(makeNotification(.started, job))
        #expect(started.html.contains("<b>Symbols:</b> &lt;b&gt;&amp;\n"))
        #expect(started.html.contains("<b>Exchange:</b> a&amp;amp;&lt;\n"))
        #expect(started.html.hasSuffix("<b>Requested by:</b> &quot;&gt;&lt;script&gt;"))
        #expect(started.plain.hasSuffix("Requested by: \"><script>"))
        #expect(MessageText(makeNotification(.failed, job)).html.hasSuffix("x&lt;y&gt;z"))
    }

    @Test func `a value cannot look like a line of its own`() {
        let job = makeJob(symbols: ["A\nJob ID: 8"], createdBy: "x\r\ny\u{2028}z\u{0}")
        let text = MessageText(makeNotification(.started, job))
        #expect(text.lines[2].value == "A Job ID: 8")
        #expect(text.lines.last?.value == "x y z ")
    }

    @Test(arguments: [JobNotification.Kind.started, .completed, .failed, .cancelled])
    func `no message is longer than Telegram takes`(kind: JobNotification.Kind) {
        // One character of many code points: what a limit on characters alone would let through.
        let monster = String(
            repeating: "e" + String(repeating: "\u{301}", count: 99), count: 300)
        let job = makeJob(
            symbols: [monster, monster, monster, monster], exchange: monster, createdBy: monster,
            errorMessage: monster, seconds: 1)
        let text = MessageText(makeNotification(kind, job))
        #expect(text.plain.unicodeScalars.count <= 4_096)
        #expect(text.lines.allSatisfy { $0.value.unicodeScalars.count <= 701 })
    }
}
