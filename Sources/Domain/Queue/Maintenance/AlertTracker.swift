// Which alerts are active, and which of them the team has received.

import Jobs

/// Keeps one alert of each kind, in memory and in the store.
///
/// An alert is active from the moment it is raised until it is settled, and is sent once in
/// between; an alert that was settled before it could be sent is sent late. Memory decides: the
/// stored values follow it, one write at a time, and are read once after a restart.
actor AlertTracker {
    /// The state of an alert; an alert that was settled and sent has none.
    private enum AlertState: Hashable {
        /// Active, and not sent yet.
        case pending(String)
        /// Active and sent.
        case sent
        /// Settled before it was sent.
        case resolvedUnsent(String)
        /// Sent and settled; the message that it is over is not sent yet.
        case endPending(String)

        /// The value that the store keeps.
        var text: String {
            switch self {
            case .pending(let text): "pending: " + text
            case .sent: "told"
            case .resolvedUnsent(let text): "late: " + text
            case .endPending(let text): "over: " + text
            }
        }

        init?(_ value: String) {
            if value == "told" {
                self = .sent
                return
            }
            guard let colon = value.firstIndex(of: ":") else { return nil }
            let text = String(value[colon...].dropFirst(2))
            switch value[..<colon] {
            case "pending": self = .pending(text)
            case "late": self = .resolvedUnsent(text)
            case "over": self = .endPending(text)
            default: return nil
            }
        }
    }

    private let store: RetryingStore<any NotificationStore>
    private var states: [ServiceAlert.Kind: AlertState] = [:]
    private var hasRead = false
    private var unwritten: Set<ServiceAlert.Kind> = []
    private var isWriting = false

    init(store: RetryingStore<any NotificationStore>) {
        self.store = store
    }

    /// Activates an alert, unless one of its kind is active.
    ///
    /// - Returns: whether there is a message to send.
    func raise(_ alert: ServiceAlert) async -> Bool {
        await load()
        switch states[alert.kind] {
        case .pending, .sent: return false
        case .resolvedUnsent, .endPending, nil:
            await set(.pending(alert.text), of: alert.kind)
            return true
        }
    }

    /// Ends an alert; the next one of its kind is sent again.
    ///
    /// - Parameter end: the message about the end, if the alert itself was sent; `nil` for none.
    /// - Returns: whether there is a message to send.
    func settle(_ kind: ServiceAlert.Kind, saying end: String?) async -> Bool {
        await load()
        switch states[kind] {
        case .pending(let text): await set(.resolvedUnsent(text), of: kind)
        case .sent:
            await set(end.map { .endPending($0) }, of: kind)
            return end != nil
        case .resolvedUnsent, .endPending, nil: break
        }
        return false
    }

    /// The next message to send.
    func next() async -> ServiceAlert? {
        await load()
        for kind in ServiceAlert.Kind.allCases {
            switch states[kind] {
            case .pending(let text), .resolvedUnsent(let text): return ServiceAlert(kind, text)
            case .endPending(let text): return ServiceAlert(kind, text, isOver: true)
            case .sent, nil: continue
            }
        }
        return nil
    }

    /// Records that the message was sent, or is never to be.
    func markSent(_ kind: ServiceAlert.Kind) async {
        switch states[kind] {
        case .pending: await set(.sent, of: kind)
        case .resolvedUnsent, .endPending: await set(nil, of: kind)
        case .sent, nil: return
        }
    }

    // MARK: Stored values

    private static func key(_ kind: ServiceAlert.Kind) -> String { "alert_\(kind.rawValue)" }

    /// Reads the stored values, once. Of simultaneous reads the first to end counts, since later
    /// changes are in memory only.
    private func load() async {
        guard !hasRead else { return }
        var found: [ServiceAlert.Kind: AlertState] = [:]
        for kind in ServiceAlert.Kind.allCases {
            let text = await store.retrying("load an alert") { store in
                try await store.value(for: AlertTracker.key(kind))
            }
            found[kind] = text.flatMap { $0 }.flatMap { AlertState($0) }
        }
        guard !hasRead else { return }
        states = found
        hasRead = true
    }

    private func set(_ state: AlertState?, of kind: ServiceAlert.Kind) async {
        states[kind] = state
        unwritten.insert(kind)
        guard !isWriting else { return }
        isWriting = true
        while let kind = unwritten.popFirst() {
            let text = states[kind]?.text
            _ = await store.retrying("store an alert") { store in
                try await store.set(text, for: AlertTracker.key(kind))
            }
        }
        isWriting = false
    }
}
