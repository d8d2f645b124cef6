// What `GET /jobs` answers.

/// One page of jobs, newest first.
package struct JobListAnswer: Hashable, Sendable, Decodable, JSONWritable {
    package var jobs: [JobAnswer]
    /// How many jobs match, on all pages together.
    package var total: Int

    package init(jobs: [JobAnswer], total: Int) {
        self.jobs = jobs
        self.total = total
    }

    package var json: JSONValue {
        ["jobs": .array(jobs.map(\.json)), "total": .integer(total)]
    }
}
