// What the team is told about the service itself, before it has a channel. It must not know a job.

/// Something that holds all jobs up, or puts them at risk: told once, however long it lasts and
/// however often the service is restarted meanwhile.
package struct ServiceAlert: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The upstream wants to be left alone: the quota is used up, or the key in use elsewhere.
        case upstreamParked = "upstream_parked"
        /// There is less room on the disk than is to be kept free.
        case diskLow = "disk_low"
        /// The data root's file system can hold hardly any further file.
        case inodesLow = "inodes_low"
        /// The data root is not the one that the last files were written to.
        case dataRootChanged = "data_root_changed"
        /// The data root cannot be opened or written.
        case notWritable = "not_writable"
        /// The database file was removed, replaced or cut.
        case databaseMoved = "database_moved"
        /// The database could not be backed up. Jobs go on.
        case backupFailed = "backup_failed"
    }

    package var kind: Kind
    /// Why, and what happens next, in whole sentences.
    package var text: String
    /// Whether it is over, rather than news.
    package var isOver: Bool

    package init(_ kind: Kind, _ text: String, isOver: Bool = false) {
        self.kind = kind
        self.text = text
        self.isOver = isOver
    }
}
