// What an operator reads of an error.

import Jobs
import Testing

@Suite struct JobErrorTests {
    @Test func `an error reads as a sentence`() {
        #expect("\(JobError.storeFailed("d.db is no database."))" == "d.db is no database.")
        #expect("\(JobError.notFound(JobID(7)))" == "there is no job 7")
    }
}
