// Does the same to some jobs, one after the other, and says what came of it.

import APIClient
import APITypes

/// One run of `cancel`, `retry`, `pause` or `resume`.
struct JobActionRun {
    private let verb: JobCommandName
    private let jobs: JobNumbers
    private let session: Session

    init(_ verb: JobCommandName, _ jobs: JobNumbers, _ session: Session) {
        self.verb = verb
        self.jobs = jobs
        self.session = session
    }

    func run() async throws {
        try await jobs.each(session) { id, console in
            let reply = try await session.act(verb, on: id)
            if session.printsJSON {
                try console.print(json: reply.body)
            } else {
                try console.print(JobText.outcome(of: verb, reply.value))
            }
        }
    }
}
