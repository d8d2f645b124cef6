// The service's database seen from outside, by SQLite's own program, as its users look into it.

import Glibc
import TestSupport
import Testing

enum Database {
    /// The rows of a query, columns separated by `|`, one row per line.
    static func rows(_ path: String, _ sql: String) throws -> String {
        let pipe = popen("sqlite3 -readonly '\(path)' \"\(sql)\"", "r")
        let stream = try #require(pipe)
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, stream)
        #expect(pclose(stream) == 0)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
