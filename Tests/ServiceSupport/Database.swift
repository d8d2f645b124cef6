// The service's database seen from outside, by SQLite's own program, as its users look into it.

import Glibc
import TestSupport

package enum Database {
    /// The rows of a query, columns separated by `|`, one row per line.
    ///
    /// - Parameter isReadOnly: `false` where no process has the file open: the log of a crashed one
    ///   can only be read with permission to write.
    package static func rows(
        _ path: String, _ sql: String, isReadOnly: Bool = true
    ) throws -> String {
        let option = isReadOnly ? "-readonly" : ""
        // As long as the service itself waits: recovery locks readers out for moments.
        let timeout = "-cmd '.timeout 5000'"
        let pipe = popen("sqlite3 \(option) \(timeout) '\(path)' \"\(sql)\" 2>&1", "r")
        guard let stream = pipe else { throw ServiceFailure("sqlite3 does not start") }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard pclose(stream) == 0 else { throw ServiceFailure("\(sql): \(text)") }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
