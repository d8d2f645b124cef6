// What the service needs from whatever keeps its jobs, all together. It must not know SQL.

/// The store of jobs, their files and the notifications about them.
///
/// Every method that changes something returns after the change has reached the disk, and either
/// happens whole or not at all. A state change and the notification it causes are one transaction.
/// All methods throw ``JobError/storeFailed(_:)`` when the disk or the database refuses.
package protocol JobStoring: JobSubmitting, JobReading, JobPaging, JobWatching, JobClaiming,
    JobRunning, JobCommandStore, HistoryStoring, CrashStoring, EvidenceStoring, LimitStoring,
    OutboxStoring, KeyValueStore, RetentionStoring
{}
