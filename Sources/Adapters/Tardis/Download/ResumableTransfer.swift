// What an interrupted transfer has brought, kept for the next attempt where the server offered to
// go on (RFC 9110 §14). It must not know when the next attempt is.

import Concurrency
import Curl
import Datasets
import Dispatch
import Jobs
import Posix
import Synchronization

/// The beginning of a file, written and proven so far, and how to ask for the rest.
///
/// The proof goes on with it: its hash covers the whole file in the end, not the rest.
struct ResumableTransfer: Sendable {
    let writer: SerialIsolated<DatasetWriter>
    /// How much of the file there is.
    let bytes: Int64
    /// How large the whole is, as the answer that brought the beginning announced it.
    let size: Int64?
    /// A strong validator: the rest is of the same file, byte for byte (RFC 9110 §13.1.5).
    let validator: String
    /// Who offered to go on, and the only one who is asked to.
    let origin: Origin

    /// The strong validator of an answer that offers to be continued; `nil` where it does not.
    static func validator(offeredBy head: ResponseHead?) -> String? {
        guard let head, head.status == 200, head["Content-Encoding"] == nil,
            head["Accept-Ranges"]?.lowercased() == "bytes",
            let tag = head["ETag"], tag.count > 2, tag.hasPrefix("\""), tag.hasSuffix("\"")
        else { return nil }
        return tag
    }

    /// The fields that ask for the rest, or for the whole file where it has changed.
    var requestHeaders: [(name: String, value: String)] {
        [(name: "Range", value: "bytes=\(bytes)-"), (name: "If-Range", value: validator)]
    }

    /// Whether an answer announces exactly what is missing.
    func isContinued(by head: ResponseHead) -> Bool {
        guard head.status == 206, head["Content-Encoding"] == nil,
            (head["ETag"] ?? validator) == validator,
            let range = ContentRange(head["Content-Range"] ?? "")
        else { return false }
        let announced = head["Content-Length"].map { Int64($0) }
        return range.first == bytes && range.endsTheWhole
            && (size == nil || range.last + 1 == size)
            && (announced == nil || announced == range.count)
    }

    /// Whether an answer that announced what is missing has brought as much.
    static func isComplete(_ summary: TransferSummary) -> Bool {
        guard summary.head.status == 206 else { return true }
        return ContentRange(summary.head["Content-Range"] ?? "")?.count
            == Int64(summary.bodyBytes)
    }

    /// Why an answer with this status does not help; the next attempt begins anew.
    static func refused(_ status: Int) -> FileFailure {
        FileFailure(
            code: "rest_refused",
            detail: "The server did not send the rest of the file as it had offered; it is "
                + "fetched anew. (HTTP \(status))", httpStatus: status)
    }

    /// Removes what was written.
    func abandon() {
        writer.queue.async { [writer] in writer.use { $0.abandon() } }
    }
}

/// A file in a folder, by whatever path that was opened.
struct TargetFile: Hashable {
    let folder: FileIdentity
    let name: String
}

/// The kept transfers of files that are between two attempts.
final class ResumableTransfers: Sendable {
    private struct Entry {
        let place: DatasetDownloader.Place
        let transfer: ResumableTransfer
        /// Lets it go when its time is over.
        let expiry: Task<Void, Never>
    }

    private struct State {
        /// In the order of their coming.
        var entries: [(id: UInt64, entry: Entry)] = []
        var lastID: UInt64 = 0
    }

    /// Each holds a descriptor and some hundred kilobytes of memory.
    private static let countMax = 64
    /// Whoever has not come back after so long never will: the longest wait between attempts is
    /// some minutes.
    private static let ageMax = Duration.seconds(3_600)

    private let time: any Timekeeping
    private let state = Mutex(State())

    init(time: any Timekeeping) {
        self.time = time
    }

    deinit {
        // Nobody comes back, and the files' own ends remove what was written.
        for (_, entry) in state.withLock(\.entries) { entry.expiry.cancel() }
    }

    /// How many there are; for tests.
    var count: Int { state.withLock(\.entries.count) }

    /// What is kept of a file, which is then the caller's.
    func take(_ target: TargetFile) -> ResumableTransfer? {
        let entry = state.withLock { state -> Entry? in
            let index = state.entries.firstIndex { $0.entry.place.target == target }
            return index.map { state.entries.remove(at: $0).entry }
        }
        entry?.expiry.cancel()
        return entry?.transfer
    }

    /// Keeps the beginning of a file, for an hour; gives up the oldest where there are too many.
    func keep(_ transfer: ResumableTransfer, of place: DatasetDownloader.Place) {
        let dropped = state.withLock { state in
            state.lastID += 1
            let id = state.lastID
            let expiry = Task { [time, weak self] in
                // Cancelled where somebody has taken it.
                guard (try? await time.sleep(for: Self.ageMax)) != nil else { return }
                self?.letGo(id)
            }
            state.entries.append(
                (id, Entry(place: place, transfer: transfer, expiry: expiry)))
            let surplus = state.entries.prefix(max(0, state.entries.count - Self.countMax))
            return Self.remove(surplus.map(\.id), from: &state)
        }
        giveUp(dropped)
    }

    /// Lets go what is kept of files that nobody wants any more.
    func letGo(where isUnwanted: (DatasetDownloader.Place) -> Bool) {
        giveUp(
            state.withLock { state in
                Self.remove(
                    state.entries.filter { isUnwanted($0.entry.place) }.map(\.id), from: &state)
            })
    }

    private func letGo(_ id: UInt64) {
        giveUp(state.withLock { Self.remove([id], from: &$0) })
    }

    private static func remove(_ ids: [UInt64], from state: inout State) -> [Entry] {
        let gone = state.entries.filter { ids.contains($0.id) }.map(\.entry)
        state.entries.removeAll { ids.contains($0.id) }
        return gone
    }

    private func giveUp(_ entries: [Entry]) {
        for entry in entries {
            entry.expiry.cancel()
            entry.transfer.abandon()
        }
    }
}

/// A `Content-Range` in bytes.
struct ContentRange: Hashable {
    let first: Int64
    let last: Int64
    /// Bytes of the whole; `nil` where the sender does not know.
    let size: Int64?

    /// - Returns: `nil` for anything but `bytes FIRST-LAST/SIZE`, where SIZE may be `*`.
    init?(_ field: String) {
        guard field.lowercased().hasPrefix("bytes ") else { return nil }
        let parts = field.dropFirst("bytes ".count).split(separator: "/")
        let ends = parts.first?.split(separator: "-").map { Int64($0) } ?? []
        guard parts.count == 2, ends.count == 2, let first = ends[0], let last = ends[1],
            first >= 0, first <= last, last < .max
        else { return nil }
        size = parts[1] == "*" ? nil : Int64(parts[1])
        guard size != nil || parts[1] == "*" else { return nil }
        (self.first, self.last) = (first, last)
    }

    var count: Int64 { last - first + 1 }

    /// Whether nothing is to follow, as far as is known.
    var endsTheWhole: Bool { size == nil || size == last + 1 }
}
