// The beginning of a file that an interrupted transfer brought, kept for the next attempt if the
// server offers ranges (RFC 9110 §14).

import Concurrency
import Curl
import Datasets
import Dispatch
import Jobs
import Posix
import Synchronization

/// The beginning of a file, written and verified so far, and how to request the rest.
///
/// Its writer continues the verification: the hash covers the whole file in the end.
struct ResumableTransfer: Sendable {
    let writer: SerialIsolated<DatasetWriter>
    /// How much of the file is written.
    let bytes: Int64
    /// Size of the whole file, as the first response announced it.
    let size: Int64?
    /// A strong validator: the rest is of the same file, byte for byte (RFC 9110 §13.1.5).
    let validator: String
    /// The host that offered ranges, the only one that is asked for the rest.
    let origin: Origin

    /// The strong validator of a response that offers ranges; `nil` if it does not.
    static func validator(offeredBy head: ResponseHead?) -> String? {
        guard let head, head.status == 200, head["Content-Encoding"] == nil,
            head["Accept-Ranges"]?.lowercased() == "bytes",
            let tag = head["ETag"], tag.count > 2, tag.hasPrefix("\""), tag.hasSuffix("\"")
        else { return nil }
        return tag
    }

    /// The fields that request the rest, or the whole file if it has changed.
    var requestHeaders: [(name: String, value: String)] {
        [(name: "Range", value: "bytes=\(bytes)-"), (name: "If-Range", value: validator)]
    }

    /// Whether a response announces exactly the missing bytes.
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

    /// Whether a response brought as many bytes as its `Content-Range` announced.
    static func isComplete(_ summary: TransferSummary) -> Bool {
        guard summary.head.status == 206 else { return true }
        return ContentRange(summary.head["Content-Range"] ?? "")?.count
            == Int64(summary.bodyBytes)
    }

    /// The failure of a response that does not continue the file; the next attempt starts over.
    static func refused(_ status: Int) -> FileFailure {
        FileFailure(
            code: "rest_refused",
            detail: "The server did not send the rest of the file as it had offered; it is "
                + "fetched anew. (HTTP \(status))", httpStatus: status)
    }

    /// Removes what was written.
    func discard() {
        writer.queue.async { [writer] in writer.use { $0.discard() } }
    }
}

/// The transfers of files that are between two attempts, up to 64 and for up to an hour.
final class ResumableTransfers: Sendable {
    private struct Stored {
        let id: UInt64
        let target: DownloadTarget
        let transfer: ResumableTransfer
        /// Discards it when its time is over.
        let expiry: Task<Void, Never>
    }

    private struct State {
        /// Oldest first.
        var stored: [Stored] = []
        var lastID: UInt64 = 0
    }

    /// Each holds a descriptor and some hundred kilobytes of memory.
    private static let countMax = 64
    /// The longest wait between two attempts is some minutes.
    private static let ageMax = Duration.seconds(3_600)

    private let time: any Timekeeping
    private let state = Mutex(State())

    init(time: any Timekeeping) {
        self.time = time
    }

    deinit {
        // The writers remove their files when they are released.
        for stored in state.withLock(\.stored) { stored.expiry.cancel() }
    }

    /// How many there are; for tests.
    var count: Int { state.withLock(\.stored.count) }

    /// Removes a file's transfer and hands it to the caller.
    func take(_ file: TargetFile) -> ResumableTransfer? {
        let stored = state.withLock { state -> Stored? in
            let index = state.stored.firstIndex { $0.target.identity == file }
            return index.map { state.stored.remove(at: $0) }
        }
        stored?.expiry.cancel()
        return stored?.transfer
    }

    /// Stores the beginning of a file; discards the oldest ones if there are too many.
    func store(_ transfer: ResumableTransfer, of target: DownloadTarget) {
        let surplus = state.withLock { state in
            state.lastID += 1
            let id = state.lastID
            let expiry = Task { [time, weak self] in
                // Cancelled when an attempt takes the transfer.
                guard (try? await time.sleep(for: Self.ageMax)) != nil else { return }
                self?.discardAll { $0.id == id }
            }
            state.stored.append(
                Stored(id: id, target: target, transfer: transfer, expiry: expiry))
            let count = max(0, state.stored.count - Self.countMax)
            defer { state.stored.removeFirst(count) }
            return Array(state.stored.prefix(count))
        }
        Self.discard(surplus)
    }

    /// Discards the transfers of files that are no longer wanted.
    func discard(where isUnwanted: (DownloadTarget) -> Bool) {
        discardAll { isUnwanted($0.target) }
    }

    private func discardAll(where isUnwanted: (Stored) -> Bool) {
        let unwanted = state.withLock { state in
            let unwanted = state.stored.filter(isUnwanted)
            state.stored.removeAll(where: isUnwanted)
            return unwanted
        }
        Self.discard(unwanted)
    }

    private static func discard(_ transfers: [Stored]) {
        for stored in transfers {
            stored.expiry.cancel()
            stored.transfer.discard()
        }
    }
}

/// A `Content-Range` in bytes (RFC 9110 §14.4).
struct ContentRange: Hashable {
    let first: Int64
    let last: Int64
    /// Bytes of the whole; `nil` if unknown.
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

    /// Whether the range ends with the whole, or the whole is of unknown size.
    var endsTheWhole: Bool { size == nil || size == last + 1 }
}
