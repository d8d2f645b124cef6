// What its owner and the service's administrators have decided about a job, and what the service
// has had to note about running it. It must not know who may decide.

/// How urgent a job is: 0 … 9, the higher the sooner.
package struct Priority: RawRepresentable, Hashable, Comparable, Sendable {
    /// What a job has whose owner says nothing.
    package static let normal = Priority(unchecked: 5)
    /// The range of all priorities.
    package static let range = 0...9

    package let rawValue: Int

    /// `nil` outside ``range``.
    package init?(rawValue: Int) {
        guard Priority.range.contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    private init(unchecked rawValue: Int) {
        self.rawValue = rawValue
    }

    package static func < (left: Priority, right: Priority) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// The part of a job that people steer.
package struct JobControl: Hashable, Sendable {
    package var priority: Priority
    /// A paused job is `pending` and is not claimed until it is resumed.
    package var isPaused: Bool
    /// A pinned job is kept however old it is.
    package var isPinned: Bool
    /// How often in a row the service died while the job ran, without a file of it ending in
    /// between. These are no attempts at a file.
    package var crashes: Int

    package init(
        priority: Priority = .normal, isPaused: Bool = false, isPinned: Bool = false,
        crashes: Int = 0
    ) {
        self.priority = priority
        self.isPaused = isPaused
        self.isPinned = isPinned
        self.crashes = crashes
    }
}
