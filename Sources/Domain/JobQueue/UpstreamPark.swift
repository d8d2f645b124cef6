// Remembers across restarts that the upstream asked everybody to stay away. It must not know what
// the quota is, or whose.

import Datasets
import Jobs
import Logging

/// The moment until which nobody is asked for anything, as a fact in the store.
struct UpstreamPark: Sendable {
    /// The fact's name; its value is the moment as ``Timestamp/iso8601``.
    static let fact = "upstream_parked_until"

    let store: PatientStore

    /// The moment of before the restart, `nil` where there is none.
    func recall() async -> Timestamp? {
        let text = await store.insist(on: "recall the park") { store in
            try await store.fact(UpstreamPark.fact)
        }
        return text.flatMap { $0 }.flatMap { Timestamp($0) }
    }

    func remember(_ moment: Timestamp?) async {
        _ = await store.insist(on: "remember the park") { store in
            try await store.remember(moment?.iso8601, as: UpstreamPark.fact)
        }
    }
}
