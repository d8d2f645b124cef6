// The program's standard output and error. It must not know what is written, only how.

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

        /// Columns of the terminal: 80 where they are not known.
        var columns: Int {
            var size = winsize()
            guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
            return Int(size.ws_col)
        }

        /// Columns that text has to fit into; `nil` where there is no terminal: pipes and files
        /// get every line whole.
        var fittingColumns: Int? { isatty(rawValue) == 1 ? columns : nil }
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

    /// Prints a document as it came; a line break is added where it does not end in one.
    ///
    /// - Throws: ``OutputFailure``
    func print(json: [UInt8]) throws(OutputFailure) {
        try write(json.last == UInt8(ascii: "\n") ? json : json + "\n".utf8, to: .output)
    }

    /// Says something that is not the result. There is nobody to tell when that fails.
    func complain(_ text: String) {
        try? write(fitted(text, to: .error), to: .error)
    }

    private func fitted(_ text: String, to stream: Stream) -> [UInt8] {
        Array((WordWrap.wrapped(text, to: stream.fittingColumns) + "\n").utf8)
    }

    /// Writes all bytes.
    ///
    /// - Throws: ``OutputFailure``
    func write(_ bytes: [UInt8], to stream: Stream) throws(OutputFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            do throws(SystemError) {
                let count = try syscall("write") {
                    rest.withUnsafeBytes { Glibc.write(stream.rawValue, $0.baseAddress, $0.count) }
                }
                rest = rest.dropFirst(count)
            } catch {
                throw OutputFailure(cause: error)
            }
        }
    }
}

/// The result could not be written.
struct OutputFailure: Error, CustomStringConvertible {
    var cause: SystemError

    /// Whether the reader has seen enough and gone, as `head` does: not worth a word.
    var readerIsGone: Bool { cause.code == EPIPE }

    var description: String { "the result could not be written: \(cause.reason)" }
}
