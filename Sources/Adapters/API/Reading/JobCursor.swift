// Where a page of jobs begins, as a word that clients hand back and need not understand. It must
// not know which jobs the page has.

import Jobs

/// A place in the list of jobs: behind a job.
struct JobCursor: Hashable {
    /// All words that are cursors. Their one length tells a word that was cut; which jobs there are
    /// does not matter, so a cursor stays valid after its job was removed.
    static let pattern = "^j[0-9a-z]{\(digits)}$"

    /// The job that the page begins behind.
    let job: JobID

    /// Enough for any id.
    private static let digits = String(Int64.max, radix: radix).utf8.count
    private static let radix = 36

    init(behind job: JobID) {
        self.job = job
    }

    /// `nil` for a word that ``pattern`` does not allow.
    init?(_ text: String) {
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "j"), digits.count == JobCursor.digits,
            digits.allSatisfy(JobCursor.isDigit)
        else { return nil }
        // The last few words are beyond any id, as the largest id is.
        job = JobID(Int64(text.dropFirst(), radix: JobCursor.radix) ?? .max)
    }

    /// `j` and the id.
    var text: String {
        let number = String(job.rawValue, radix: JobCursor.radix)
        return "j" + String(repeating: "0", count: max(JobCursor.digits - number.utf8.count, 0))
            + number
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}
