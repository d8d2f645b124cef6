// Where a page of jobs begins, as a word that clients hand back and need not understand. It must
// not know which jobs the page has.

import Jobs

/// A place in the list of jobs: behind a job.
struct JobCursor: Hashable {
    /// The job that the page begins behind.
    let job: JobID

    private static let radix: Int64 = 36

    init(behind job: JobID) {
        self.job = job
    }

    /// `nil` for a word that is none of ours, such as one that was cut.
    init?(_ text: String) {
        guard text.utf8.count >= 3, let number = Int64(text.dropFirst().dropLast(), radix: 36),
            number > 0
        else { return nil }
        job = JobID(number)
        // One spelling only: whatever differs was not written here.
        guard self.text == text else { return nil }
    }

    /// `j`, the id, and a digit that shows most mistakes.
    var text: String {
        let digits = String(job.rawValue, radix: Int(JobCursor.radix))
        let sum = digits.utf8.enumerated().reduce(Int64(0)) { sum, digit in
            (sum * 31 + Int64(digit.element) + Int64(digit.offset)) % JobCursor.radix
        }
        return "j\(digits)\(String(sum, radix: Int(JobCursor.radix)))"
    }
}
