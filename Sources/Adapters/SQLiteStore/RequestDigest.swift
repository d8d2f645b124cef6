// Equal requests as equal bytes: what the database finds them by. It must not know when requests
// are equal.

import Bytes
import Crypto
import Jobs
import SQLite

/// The digest of what a request asks for.
enum RequestDigest {
    /// 64 hexadecimal digits: people print the table that it stands in.
    static func text(of identity: RequestFingerprint) -> String {
        Hexadecimal.text(bytes(of: identity))
    }

    /// SHA-256; each part goes in with its length, so that no two lists of parts look the same.
    static func bytes(of identity: RequestFingerprint) -> [UInt8] {
        let parts = identity.parts
        let room = parts.reduce(0) { room, part in
            room + OutputSpan<UInt8>.decimalDigitsMax + 1 + part.utf8.count
        }
        let content = [UInt8](capacity: room) { content in
            for part in parts {
                content.append(decimal: part.utf8.count)
                content.append(UInt8(ascii: ":"))
                content.append(text: part)
            }
        }
        return Array(SHA256.hash(data: content))
    }

    /// Gives the active jobs of an older schema theirs, as that schema has them. Its columns are
    /// those of that schema.
    static func fill(in database: Database) throws {
        let jobs = try database.rows(
            """
            SELECT id, exchange, data_types, symbols, start_date, end_date, output_path
            FROM download_jobs WHERE status IN ('pending', 'running')
            """
        ) { row in
            (
                id: row.integer(0),
                identity: RequestFingerprint(
                    exchange: row.text(1), symbols: StringList.elements(of: row.text(3)),
                    dataTypes: StringList.elements(of: row.text(2)), startDate: row.text(4),
                    endDate: row.text(5), outputPath: row.text(6))
            )
        }
        for job in jobs {
            try database.run(
                "UPDATE download_jobs SET request_digest = ? WHERE id = ?",
                [.blob(bytes(of: job.identity)), .integer(job.id)])
        }
    }
}

/// Bytes as people print them.
enum Hexadecimal {
    /// Two lower-case digits for each byte.
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
