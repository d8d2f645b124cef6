// The outputs of the log: standard error, and `LOG_FILE`, which is bounded and rotated. A blocked
// output delays only its own copy of the log.

import Dispatch
import Glibc
import Posix
import Synchronization

/// Lines on their way to a descriptor or a file, written on a queue of their own.
final class LogOutput: Sendable {
    /// Bytes that may wait; further lines are dropped and counted, since delaying requests for
    /// their log lines would turn a full disk into an outage.
    private static let waitingMaxBytes = 4 << 20

    private struct State {
        var waiting: [[UInt8]] = []
        var waitingBytes = 0
        var linesLost = 0
        var isWriting = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "log output")
    private let write: @Sendable ([UInt8]) -> Void
    private let openAnew: @Sendable () -> Void

    /// - Parameter descriptor: open for the life of the process; not closed here.
    init(_ descriptor: Int32) {
        write = { Daemon.writeAll($0[...], to: descriptor) }
        openAnew = {}
    }

    init(_ file: LogFile) {
        write = { file.write($0) }
        openAnew = { file.reopen() }
    }

    /// Queues whole lines.
    func add(_ lines: [UInt8]) {
        let begins = state.withLock { state in
            guard state.waitingBytes + lines.count <= LogOutput.waitingMaxBytes else {
                state.linesLost += lines.count { $0 == UInt8(ascii: "\n") }
                return false
            }
            state.waiting.append(lines)
            state.waitingBytes += lines.count
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if begins { queue.async { self.writeWaiting() } }
    }

    /// Opens a file anew, once what was queued so far has been written to the old one.
    func reopen() {
        queue.async { self.openAnew() }
    }

    /// Returns when all that was queued so far has been written, or when the time is over.
    func drain(until deadline: DispatchTime) {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: deadline)
    }

    private func writeWaiting() {
        while let lines = next() {
            for part in lines { write(part) }
        }
    }

    private func next() -> [[UInt8]]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            var lines = state.waiting
            if state.linesLost > 0 {
                lines.append(Array("log: \(state.linesLost) lines lost\n".utf8))
            }
            (state.waiting, state.waitingBytes, state.linesLost) = ([], 0, 0)
            return lines
        }
    }
}

/// An open log file. At `bytesMax` bytes it becomes `PATH.1`, the former `PATH.1` becomes `PATH.2`
/// and so on; `keep` of them stay.
final class LogFile: Sendable {
    private struct State: ~Copyable {
        var descriptor: FileDescriptor
        /// In bytes.
        var size: Int
        /// Whether it can be cut and renamed: a terminal or a pipe cannot.
        var isRegular: Bool
    }

    /// Without links: renaming a link would not rename the file.
    private let path: String
    private let bytesMax: Int
    private let keep: Int
    private let state: Mutex<State>

    /// Opens the file for appending, and makes it where it is missing, with mode 0640 less umask.
    ///
    /// - Parameters:
    ///   - bytesMax: 0 for no bound but the process's own.
    ///   - keep: how many full files stay beside the current one.
    /// - Throws: ``SystemError`` of open(2); ENXIO for a pipe that nothing reads.
    init(_ path: String, bytesMax: Int, keep: Int) throws(SystemError) {
        self.path = ResolvedPath.of(path)
        let limit = FileSizeLimit.current.map { Int(clamping: $0) }
        self.bytesMax = bytesMax == 0 ? limit ?? 0 : min(bytesMax, limit ?? bytesMax)
        self.keep = keep
        state = Mutex(try LogFile.open(self.path))
    }

    /// Appends lines. Lines that cannot be written are lost: there is no other place to report it.
    func write(_ bytes: [UInt8]) {
        state.withLock { state in
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = next(of: rest, &state)
                writeAll(piece, to: state.descriptor.number)
                state.size += piece.count
                rest = rest[piece.endIndex...]
            }
        }
    }

    /// Opens the path again, for when the file behind it has been moved.
    func reopen() {
        state.withLock { state in
            if let new = try? LogFile.open(path) { state = new }
        }
    }

    /// As many whole lines as fit the file; a full file is moved away first.
    private func next(of rest: ArraySlice<UInt8>, _ state: inout State) -> ArraySlice<UInt8> {
        guard bytesMax > 0, state.isRegular else { return rest }
        if rest.count <= bytesMax - state.size { return rest }
        let newline = UInt8(ascii: "\n")
        let room = rest.prefix(max(0, bytesMax - state.size))
        if let end = room.lastIndex(of: newline) { return rest[...end] }
        if state.size > 0 {
            guard isFull(&state) else { return next(of: rest, &state) }
            rotate(&state)
        }
        // One line that is longer than a whole file may be.
        guard let end = rest.prefix(bytesMax).lastIndex(of: newline) ?? rest.firstIndex(of: newline)
        else { return rest }
        return rest[...end]
    }

    /// Looks at the file itself: another program may have cut it.
    private func isFull(_ state: inout State) -> Bool {
        var status = stat()
        guard fstat(state.descriptor.number, &status) == 0 else { return true }
        let known = state.size
        state.size = Int(status.st_size)
        return state.size >= known
    }

    private func rotate(_ state: inout State) {
        do {
            if isInPlace(state) { try moveAway() }
            state = try LogFile.open(path)
        } catch {
            // A bound that needs the operator's help is none.
            _ = ftruncate(state.descriptor.number, 0)
            state.size = 0
            let note =
                "log: \(path) cannot be moved to \(path).1 (\(error.reason)): it was emptied\n"
            writeAll(Array(note.utf8)[...], to: state.descriptor.number)
            state.size = note.utf8.count
        }
    }

    /// Whether the path still leads to the open file.
    private func isInPlace(_ state: borrowing State) -> Bool {
        var (open, there) = (stat(), stat())
        return fstat(state.descriptor.number, &open) == 0 && stat(path, &there) == 0
            && open.st_dev == there.st_dev && open.st_ino == there.st_ino
    }

    private func moveAway() throws(SystemError) {
        guard keep > 0 else {
            try syscall("unlink") { unlink(path) }
            return
        }
        for number in stride(from: keep - 1, to: 0, by: -1) {
            _ = rename("\(path).\(number)", "\(path).\(number + 1)")
        }
        try syscall("rename") { rename(path, path + ".1") }
    }

    private static func open(_ path: String) throws(SystemError) -> State {
        // O_NONBLOCK: opening a pipe that nothing reads must not wait.
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let descriptor = FileDescriptor(
            owning: try syscall("open") { Glibc.open(path, flags, 0o640) })
        let number = descriptor.number
        var status = stat()
        try syscall("fstat") { fstat(number, &status) }
        CrashReport.alsoWrite(to: number)
        return State(
            descriptor: descriptor, size: Int(status.st_size),
            isRegular: status.st_mode & S_IFMT == S_IFREG)
    }
}

/// Writes all of the bytes, however long that takes; an error loses the rest of them.
func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
    var rest = bytes
    while !rest.isEmpty {
        do throws(SystemError) {
            let count = try syscall("write") {
                rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(count)
        } catch {
            guard error.code == EAGAIN else { return }
            // Another program made the terminal or pipe non-blocking for all who share it.
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&wait, 1, -1)
        }
    }
}
