// The program's surroundings: standard output and error, environment variables, Ctrl-C.

import Dispatch
import Glibc
import Posix

/// Writes to the two standard streams; results to one, everything else to the other.
struct Console: Sendable {
    /// One of the standard streams.
    enum Stream: Int32, Sendable {
        case output = 1
        case error = 2

        /// Whether it can redraw a line.
        var isTerminal: Bool {
            guard isatty(rawValue) == 1 else { return false }
            return ProcessEnvironment.current["TERM"] != "dumb"
        }

        /// Columns of the terminal; 80 where they are unknown.
        var columns: Int {
            var size = winsize()
            guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
                return Stream.usualColumns
            }
            return Int(size.ws_col)
        }

        /// Sets `COLUMNS`, which the parser takes before the terminal's width (environ(7)), where
        /// there is not room enough: it lays help out even to tell an exit code, and traps beside
        /// its own column of options.
        static func widenHelp() {
            let written = getenv("COLUMNS").flatMap { Int(String(cString: $0)) }
            guard (written ?? Stream.output.columns) < helpColumnsMin else { return }
            setenv("COLUMNS", "\(helpColumnsMin)", 1)
        }

        private static let helpColumnsMin = 40

        /// The width for text; `nil` without a terminal: pipes and files get every line whole.
        var fittingColumns: Int? { isatty(rawValue) == 1 ? columns : nil }

        /// The width for help and usage errors: what `COLUMNS` says (environ(7)), else the
        /// terminal's; `nil` without both.
        var helpColumns: Int? {
            let written = ProcessEnvironment.current["COLUMNS"].flatMap { Int($0) }
            return written.flatMap { $0 > 0 ? $0 : nil } ?? fittingColumns
        }

        /// The width of terminals whose width is unknown.
        static let usualColumns = 80
    }

    /// Prints lines of the result, broken between words where a terminal is narrower.
    ///
    /// - Throws: ``OutputFailure``
    func print(_ text: String) throws(OutputFailure) {
        try write(fitted(text, to: .output), to: .output)
    }

    /// Prints text as it is.
    ///
    /// - Throws: ``OutputFailure``
    func print(verbatim text: String) throws(OutputFailure) {
        try write(Array((text + "\n").utf8), to: .output)
    }

    /// Prints a document unchanged, with a line break at its end.
    ///
    /// - Throws: ``OutputFailure``
    func print(json: [UInt8]) throws(OutputFailure) {
        try write(json.last == UInt8(ascii: "\n") ? json : json + "\n".utf8, to: .output)
    }

    /// Prints text that is not part of the result. A failure has no other stream to be reported on.
    func printError(_ text: String) {
        try? write(fitted(text, to: .error), to: .error)
    }

    private func fitted(_ text: String, to stream: Stream) -> [UInt8] {
        Array((WordWrap.wrapped(text, to: stream.fittingColumns) + "\n").utf8)
    }

    /// Writes all bytes.
    ///
    /// - Throws: ``OutputFailure``
    func write(_ bytes: [UInt8], to stream: Stream) throws(OutputFailure) {
        var unwritten = bytes[...]
        while !unwritten.isEmpty {
            do throws(SystemError) {
                let count = try syscall("write") {
                    unwritten.withUnsafeBytes {
                        Glibc.write(stream.rawValue, $0.baseAddress, $0.count)
                    }
                }
                unwritten = unwritten.dropFirst(count)
            } catch {
                throw OutputFailure(cause: error)
            }
        }
    }
}

/// The result could not be written.
struct OutputFailure: Error, CustomStringConvertible {
    var cause: SystemError

    /// Whether the reader has closed the pipe, as `head` does: no reason for a message.
    var readerIsGone: Bool { cause.code == EPIPE }

    var description: String { "the result could not be written: \(cause.reason)" }
}

/// Environment variables; one that is empty or blank counts as not set.
struct ProcessEnvironment: Sendable {
    private let value: @Sendable (String) -> String?

    /// The process's own.
    static let current = ProcessEnvironment { name in getenv(name).map { String(cString: $0) } }

    /// - Parameter value: returns the value of a variable; `nil` where it is not set.
    init(value: @escaping @Sendable (String) -> String?) {
        self.value = value
    }

    subscript(name: String) -> String? {
        value(name).flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    }
}

/// Ends the program on Ctrl-C with ``ExitStatus/interrupted`` and a message.
final class Interrupt {
    private let source: any DispatchSourceSignal

    /// From now on Ctrl-C prints the text of that moment on standard error and ends the program.
    init(printing text: @escaping @Sendable () -> String) {
        source = DispatchSource.makeSignalSource(
            signal: SIGINT, queue: DispatchQueue(label: "interrupt"))
        source.setEventHandler { @Sendable in
            Console().printError(text())
            // No exit handlers: other threads are in the middle of their work.
            _exit(ExitStatus.interrupted.rawValue)
        }
        source.activate()
    }

    deinit {
        source.cancel()
    }
}
