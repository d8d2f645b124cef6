// What the queue needs to know of the disk that files go to. It must not know a file system.

/// Knows how much room there is for files.
package protocol RoomChecking: Sendable {
    /// The bytes that can still be written below the data root; `nil` where nobody can tell.
    func freeBytes() async -> Int64?
}
