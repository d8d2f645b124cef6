// Which alerts are up, and which of them the team has been told of. It must not know the channel.

import Jobs

/// Remembers alerts as facts in the store, one of each kind.
///
/// An alert is up from the moment it is raised until it is settled, and is told once in between;
/// one that could not be told in time is told late. Memory is what counts: the facts follow it,
/// one write at a time, and are read once, after a restart.
actor AlertTracker {
    /// How an alert stands; nothing is kept of one that is settled and told.
    private enum AlertState: Hashable {
        /// It is up, and the team does not know.
        case pending(String)
        /// It is up, and the team knows.
        case told
        /// It is settled, and the team does not know.
        case late(String)
        /// It is settled, and the team knows of it, but not that it is over.
        case over(String)

        /// The fact's value.
        var text: String {
            switch self {
            case .pending(let text): "pending: " + text
            case .told: "told"
            case .late(let text): "late: " + text
            case .over(let text): "over: " + text
            }
        }

        init?(_ text: String) {
            if text == "told" {
                self = .told
            } else if text.hasPrefix("pending: ") {
                self = .pending(String(text.dropFirst("pending: ".count)))
            } else if text.hasPrefix("late: ") {
                self = .late(String(text.dropFirst("late: ".count)))
            } else if text.hasPrefix("over: ") {
                self = .over(String(text.dropFirst("over: ".count)))
            } else {
                return nil
            }
        }
    }

    private let store: RetryingStore<any NotificationStore>
    private var stands: [ServiceAlert.Kind: AlertState] = [:]
    private var hasRead = false
    private var unwritten: Set<ServiceAlert.Kind> = []
    private var isWriting = false

    init(store: RetryingStore<any NotificationStore>) {
        self.store = store
    }

    /// Puts an alert up, unless one of its kind is up already.
    ///
    /// - Returns: whether there is something to tell.
    func raise(_ alert: ServiceAlert) async -> Bool {
        await recall()
        switch stands[alert.kind] {
        case .pending, .told: return false
        case .late, .over, nil:
            await set(.pending(alert.text), of: alert.kind)
            return true
        }
    }

    /// Takes an alert down: the next one of its kind is news again.
    ///
    /// - Parameter end: what the team is told of the end, where it knows of the beginning.
    /// - Returns: whether there is something to tell.
    func settle(_ kind: ServiceAlert.Kind, saying end: String?) async -> Bool {
        await recall()
        switch stands[kind] {
        case .pending(let text): await set(.late(text), of: kind)
        case .told:
            await set(end.map { .over($0) }, of: kind)
            return end != nil
        case .late, .over, nil: break
        }
        return false
    }

    /// An alert that the team does not know of.
    func next() async -> ServiceAlert? {
        await recall()
        for kind in ServiceAlert.Kind.allCases {
            switch stands[kind] {
            case .pending(let text), .late(let text): return ServiceAlert(kind, text)
            case .over(let text): return ServiceAlert(kind, text, isOver: true)
            case .told, nil: continue
            }
        }
        return nil
    }

    /// Says that the team knows, or never will.
    func told(_ kind: ServiceAlert.Kind) async {
        switch stands[kind] {
        case .pending: await set(.told, of: kind)
        case .late, .over: await set(nil, of: kind)
        case .told, nil: return
        }
    }

    // MARK: Facts

    private static func fact(_ kind: ServiceAlert.Kind) -> String { "alert_\(kind.rawValue)" }

    /// Reads the facts, once. Of several that read at the same time the first to end counts: what
    /// happened since is in memory only.
    private func recall() async {
        guard !hasRead else { return }
        var found: [ServiceAlert.Kind: AlertState] = [:]
        for kind in ServiceAlert.Kind.allCases {
            let text = await store.retrying("recall an alert") { store in
                try await store.value(for: AlertTracker.fact(kind))
            }
            found[kind] = text.flatMap { $0 }.flatMap { AlertState($0) }
        }
        guard !hasRead else { return }
        stands = found
        hasRead = true
    }

    private func set(_ stand: AlertState?, of kind: ServiceAlert.Kind) async {
        stands[kind] = stand
        unwritten.insert(kind)
        guard !isWriting else { return }
        isWriting = true
        while let kind = unwritten.popFirst() {
            let text = stands[kind]?.text
            _ = await store.retrying("remember an alert") { store in
                try await store.set(text, for: AlertTracker.fact(kind))
            }
        }
        isWriting = false
    }
}
