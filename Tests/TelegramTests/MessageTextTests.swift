// The words of each notification.

import Jobs
import Testing

@testable import Telegram

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
        job.evidence.filesSuspicious = 2
        let text = MessageText(makeNotification(.completed, job))
        #expect(text.title == "✅ Download Completed")
        #expect(text.plain.hasSuffix("Suspicious: 2 files of unusual size, see the job's manifest"))
    }

    @Test func `a job that was verified says what was found`() {
        var job = makeJob(seconds: 5)
        job.progress.filesDone = 31
        job.evidence.verifiedAt = job.completedAt
        var text = MessageText(makeNotification(.completed, job))
        #expect(text.title == "✅ Download Verified")
        #expect(text.plain.hasSuffix("Files: 31 proven again"))
        job.evidence.filesRepaired = 2
        text = MessageText(makeNotification(.completed, job))
        #expect(
            text.plain.hasSuffix("31 proven again, 2 of them damaged or missing and had again"))
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
        #expect(MessageText.escaped("<\u{301}b") == "&lt;\u{301}b")
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
