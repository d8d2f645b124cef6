// Which new jobs the queue could run now. It must not know which jobs there are.

import Jobs

/// What the dispatcher could claim at a moment: so that thousands of submissions beyond that do not
/// wake it, each to have the store looked through in vain.
struct ClaimFilter: Hashable, Sendable {
    /// What a job that is claimed now would be claimed for; `nil` where none is.
    var room: ClaimSlot?
    /// The most urgent of what each user has running; counts for ``ClaimSlot/reserve``.
    var running: [String: Priority] = [:]

    /// Whatever there is.
    static let all = ClaimFilter(room: .regular)

    /// Whether a job of this kind might be claimed, as ``ClaimOrder`` decides it.
    func wants(jobOf user: String, priority: Priority) -> Bool {
        switch room {
        case nil: false
        case .regular: true
        case .overflow: running[user].map { priority > $0 } ?? true
        }
    }
}

extension Scheduler {
    /// Grows only with what makes the dispatcher look for jobs by itself: a job that it was too
    /// small for, and that the store had by then, is found then.
    var appetite: ClaimFilter {
        // Nearly always there is a place for anybody, and this is asked after every file.
        let room = bounds.room(beside: lanes.count { !$0.isCut })
        guard room == .overflow else { return ClaimFilter(room: room) }
        let current = lanes.filter { !$0.isCut }
        return ClaimFilter(
            room: room,
            running: Dictionary(
                current.map { ($0.user, $0.job.control.priority) }, uniquingKeysWith: max))
    }
}
