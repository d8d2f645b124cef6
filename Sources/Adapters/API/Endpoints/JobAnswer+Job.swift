// A job of the domain as the API shows it.

import APITypes
import Datasets
import Jobs

extension JobAnswer {
    /// The job as the API shows it.
    ///
    /// - Parameter resumption: when it goes on, where the upstream rests.
    init(_ job: Job, resumption: Timestamp? = nil) {
        self.init(
            id: job.id.rawValue, status: job.state.rawValue, exchange: job.exchange,
            dataTypes: job.dataTypes, symbols: job.symbols, startDate: job.startDate,
            endDate: job.endDate, outputPath: job.outputPath, createdAt: job.createdAt.iso8601,
            startedAt: job.startedAt?.iso8601, completedAt: job.completedAt?.iso8601,
            errorMessage: job.errorMessage, createdBy: job.createdBy,
            filesTotal: job.progress.filesTotal, filesDone: job.progress.filesDone,
            filesFailed: job.progress.filesFailed, bytesDone: job.progress.bytesDone,
            notes: job.notes, datasetDigest: job.evidence.datasetDigest,
            bytesSaved: job.evidence.bytesSaved, filesSuspicious: job.evidence.filesSuspicious,
            verifiedAt: job.evidence.verifiedAt?.iso8601,
            filesRepaired: job.evidence.filesRepaired, priority: job.control.priority.rawValue,
            paused: job.control.isPaused, pinned: job.control.isPinned,
            resumeAt: resumption?.iso8601)
    }
}
