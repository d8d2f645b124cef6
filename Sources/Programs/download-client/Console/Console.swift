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
    }

    /// Prints a line of the result.
    ///
    /// - Throws: ``OutputFailure``
    func print(_ line: String) throws(OutputFailure) {
        try write(Array((line + "\n").utf8), to: .output)
    }

    /// Prints a JSON document as it came; a line break is added where it does not end in one.
    ///
    /// - Throws: ``OutputFailure``
    func print(json: [UInt8]) throws(OutputFailure) {
        try write(json.last == UInt8(ascii: "\n") ? json : json + "\n".utf8, to: .output)
    }

    /// Says something that is not the result. There is nobody to tell when that fails.
    func complain(_ text: String) {
        try? write(Array((text + "\n").utf8), to: .error)
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
