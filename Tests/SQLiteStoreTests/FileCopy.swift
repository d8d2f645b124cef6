// A copy of a file, since reference material is never opened in place.

import Glibc
import Testing

enum FileCopy {
    static func exists(_ path: String) -> Bool { access(path, R_OK) == 0 }

    static func copy(_ source: String, to target: String) throws {
        let input = try #require(fopen(source, "re"))
        defer { fclose(input) }
        let output = try #require(fopen(target, "we"))
        defer { fclose(output) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&bytes, 1, bytes.count, input)
            if count == 0 { return }
            fwrite(bytes, 1, count, output)
        }
    }
}
