// A planned file of the domain as the API shows it.

import APITypes
import Datasets
import Jobs

extension FileResponse {
    /// The file as the API shows it.
    init(_ report: FileReport) {
        let record = report.record
        let attempts = report.attempts.map(FileAttemptResponse.init)
        self.init(
            name: record.file.name, state: record.state.rawValue,
            dataType: record.file.dataType.name, day: record.file.day.description,
            symbol: record.file.symbol, bytes: record.proof?.bytes, rows: record.proof?.rows,
            firstTimestamp: record.proof?.firstTimestamp?.iso8601,
            lastTimestamp: record.proof?.lastTimestamp?.iso8601, sha256: record.proof?.sha256,
            origin: record.proof?.origin.rawValue, suspicious: record.sizeWarning,
            code: record.failure?.code, detail: record.failure?.detail, attempts: attempts,
            seconds: attempts.reduce(0) { $0 + $1.seconds },
            attemptsTotal: report.attemptsTotal, finding: record.finding?.rawValue,
            revision: record.revision.map { revision in
                FileRevisionResponse(
                    sha256: revision.sha256, recordedSHA256: revision.recordedSHA256,
                    seenAt: revision.seenAt.iso8601,
                    accepted: revision.sha256 == record.proof?.sha256)
            })
    }
}

extension FileAttemptResponse {
    init(_ attempt: FileAttempt) {
        let span = attempt.span.ended - attempt.span.began
        let (seconds, attoseconds) = span.components
        self.init(
            at: attempt.span.began.iso8601,
            seconds: Double(seconds) + Double(attoseconds) / 1e18,
            httpStatus: attempt.httpStatus, code: attempt.code, detail: attempt.detail)
    }
}
