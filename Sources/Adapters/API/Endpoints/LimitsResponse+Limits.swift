// The service's limits as the API shows them.

import APITypes
import Datasets
import Jobs

extension LimitsResponse {
    /// The limits of this moment.
    init(_ limits: RuntimeLimits) {
        let (current, settings) = (limits.current, limits.settings)
        self.init(
            ServiceLimit.allCases.map { limit in
                Entry(
                    limit.rawValue,
                    LimitResponse(
                        value: current[limit], default: limits.defaults[limit],
                        changedBy: settings[limit]?.changedBy,
                        changedAt: settings[limit]?.changedAt.iso8601))
            })
    }
}
