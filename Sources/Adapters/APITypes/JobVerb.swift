// What people can do to jobs, by the names that routes and `POST /jobs/actions` have for it.

/// Something that can be done to one job, or to many.
package enum JobVerb: String, CaseIterable, Hashable, Sendable {
    case cancel
    case retry
    case pause
    case resume
}
