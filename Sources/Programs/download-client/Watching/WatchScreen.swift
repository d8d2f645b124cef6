// Shows a watched job: a line that redraws itself on a terminal, plain lines elsewhere.

import APITypes
import Datasets

/// Shows a job as it changes.
struct WatchScreen {
    private let console = Console()
    private let stream: Console.Stream
    private let redraws: Bool
    private var job: JobResponse?
    private var meter = ProgressMeter()
    private var isLost = false

    /// - Parameter stream: standard error where the result, JSON, has standard output to itself.
    init(_ stream: Console.Stream) {
        self.stream = stream
        redraws = stream.isTerminal
    }

    /// Takes in the current job, changed or not.
    mutating func update(_ job: JobResponse, at now: Duration) {
        isLost = false
        meter.update(job, at: now)
        self.job = job
    }

    /// Shows a change.
    func show(_ job: JobResponse) throws(OutputFailure) {
        if !redraws { try write(WatchText.change(job) + "\n") }
    }

    /// Redraws the progress line, on a terminal.
    ///
    /// - Parameter now: the wall clock, for the time elapsed.
    func redraw(at now: Timestamp) throws(OutputFailure) {
        guard redraws, let job else { return }
        let start = Timestamp(job.startedAt ?? job.createdAt)
        let line = ProgressLine(
            job: job, bytesPerSecond: meter.bytesPerSecond,
            elapsedSeconds: start.map { max(Int((now - $0).components.seconds), 0) },
            secondsLeft: meter.secondsLeft(job), trouble: isLost ? "waiting for the service" : nil)
        // One column stays free: some terminals break the line when its last one is written.
        try write("\r\(line.text(columns: stream.columns - 1))\u{1B}[K")
    }

    /// Prints text that stays.
    mutating func print(_ text: String, isLost: Bool = false) throws(OutputFailure) {
        self.isLost = isLost
        let lines = WordWrap.wrapped(text, to: stream.fittingColumns)
        try write((redraws ? "\r\u{1B}[K" : "") + lines + "\n")
    }

    private func write(_ text: String) throws(OutputFailure) {
        try console.write(Array(text.utf8), to: stream)
    }
}
