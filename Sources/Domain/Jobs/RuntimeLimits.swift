// The limits as they are at this moment, for everybody who obeys them. It must not know where they
// are kept, or what comes of them.

import Synchronization

/// The service's limits while it runs: read by many threads, changed now and then.
///
/// Reading costs a lock that is held for nanoseconds. Nobody should keep what was read: who asks
/// again the next time obeys a change at once. Who waits for something that a change can bring
/// about observes.
package final class RuntimeLimits: Sendable {
    private struct State {
        var limits: ServiceLimits
        var settings: [ServiceLimit: LimitSetting] = [:]
        var observers: [@Sendable () -> Void] = []
    }

    /// What counts where nobody has set anything.
    package let defaults: ServiceLimits
    private let state: Mutex<State>

    package init(defaults: ServiceLimits = ServiceLimits()) {
        self.defaults = defaults
        state = Mutex(State(limits: defaults))
    }

    /// The limits of this moment.
    package var current: ServiceLimits { state.withLock { $0.limits } }

    /// What was set by somebody, also where it was set back to the default.
    package var settings: [ServiceLimit: LimitSetting] { state.withLock { $0.settings } }

    /// Has a closure called after every change of a limit, on whatever thread made the change. It
    /// must return at once, and should read ``current``. Observers stay for good.
    package func observe(_ observer: @escaping @Sendable () -> Void) {
        state.withLock { $0.observers.append(observer) }
    }

    /// Takes over what was set, where it is later than what is known; a value out of range, which
    /// an earlier version may have allowed, counts as its nearest bound.
    package func adopt(_ settings: [ServiceLimit: LimitSetting]) {
        let observers = state.withLock { state -> [@Sendable () -> Void] in
            let former = state.limits
            for (limit, setting) in settings
            where state.settings[limit].map({ $0.revision < setting.revision }) ?? true {
                state.settings[limit] = setting
                let value = setting.value ?? defaults[limit]
                state.limits[limit] = min(
                    max(value, limit.range.lowerBound), limit.range.upperBound)
            }
            return state.limits == former ? [] : state.observers
        }
        for observer in observers { observer() }
    }
}
