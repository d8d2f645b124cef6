// The service's limits as the API shows them.

import APITypes
import Datasets
import Jobs

extension LimitsAnswer {
    /// The limits of this moment.
    init(_ limits: LiveLimits) {
        let (current, settings) = (limits.current, limits.settings)
        self.init(
            ServiceLimit.allCases.map { limit in
                Entry(
                    limit.rawValue,
                    LimitAnswer(
                        value: current[limit], default: limits.defaults[limit],
                        changedBy: settings[limit]?.changedBy,
                        changedAt: settings[limit]?.changedAt.iso8601))
            })
    }
}
