// What the service needs from whatever keeps copies of its jobs. It must not know files.

package import Datasets

/// Makes copies of everything that the store keeps, and keeps the newest of them.
package protocol BackupStore: Sendable {
    /// When the newest copy was made, `nil` where there is none. Copies are ordered by a count of
    /// the store, not by clocks: it may have been made later than now.
    func newest(at now: Timestamp) async throws -> Timestamp?
    /// Makes a proven copy while the store is being written, and removes all but the newest.
    ///
    /// - Parameter count: how many are kept, at least 1.
    /// - Returns: the copy's name, for the log.
    /// - Throws: ``JobError/storeFailed(_:)``, saying what to do; no older copy is removed then.
    func backUp(at now: Timestamp, keeping count: Int) async throws -> String
}
