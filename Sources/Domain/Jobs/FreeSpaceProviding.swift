// What the queue needs to know of the folder that files go to. It must not know a file system.

/// Why no file can be written to the data root at this moment.
package enum StorageProblem: Hashable, Sendable {
    /// Free disk space is below the reserve.
    case lowSpace(freeBytes: Int64, reserveBytes: Int64)
    /// The file system can hold hardly any further file, whatever its size.
    case lowInodes(free: Int64)
    /// It is not the folder that the last files were written to.
    case changed
    /// It cannot be opened or written; says why.
    case unusable(String)
    /// Not the data root, but the folder of one job could not take a file: of another disk mounted
    /// below it, perhaps. Says why.
    case folder(code: String, reason: String)
}

/// How many files a file system can hold, whatever their size.
package struct InodeCount: Hashable, Sendable {
    package var free: Int64
    package var total: Int64

    package init(free: Int64, total: Int64) {
        self.free = free
        self.total = total
    }
}

/// What a look at the data root finds.
package struct StorageReading: Hashable, Sendable {
    /// The bytes that can still be written below it.
    package var freeBytes: Int64
    /// How many files it can hold; `nil` where the file system sets no limit.
    package var inodes: InodeCount?
    /// What tells it from every other one, whatever is mounted where: the content of its marker
    /// file; `nil` where it has none.
    package var marker: String?

    package init(freeBytes: Int64, inodes: InodeCount? = nil, marker: String? = nil) {
        self.freeBytes = freeBytes
        self.inodes = inodes
        self.marker = marker
    }
}

/// Why the data root cannot be looked at or marked.
package struct StorageRefusal: Error, Hashable, Sendable {
    /// Such as `Permission denied`.
    package var reason: String

    package init(_ reason: String) {
        self.reason = reason
    }
}

/// Looks at the data root, as it is at the moment of each look.
package protocol FreeSpaceProviding: Sendable {
    /// The data root as the configuration names it, as an absolute path.
    var location: String { get }
    /// What is there now; `nil` where there is no folder.
    ///
    /// - Throws: ``StorageRefusal`` where it cannot be opened, or only be read.
    func look() async throws(StorageRefusal) -> StorageReading?
    /// Gives the data root a marker unless it has one; makes it where it is missing.
    ///
    /// - Returns: its marker.
    func mark() async throws(StorageRefusal) -> String
}
