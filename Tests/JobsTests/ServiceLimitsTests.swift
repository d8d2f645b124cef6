// Limits and their changes.

import Datasets
import Jobs
import Synchronization
import Testing

struct ServiceLimitsTests {
    @Test func `a setting applies until it is set back`() {
        let limits = RuntimeLimits(defaults: ServiceLimits(transfers: 8, userFilesPerDay: 100))
        #expect(limits.current == limits.defaults)
        limits.apply([.transfers: setting(3, 1), .userFilesPerDay: setting(0, 2)])
        #expect(limits.current.transfers == 3)
        #expect(limits.current.userFilesPerDay == 0)
        limits.apply([.transfers: setting(nil, 3)])
        #expect(limits.current.transfers == 8)
        #expect(limits.settings[.transfers]?.revision == 3)
        #expect(limits.defaults.transfers == 8)
    }

    @Test func `an older setting that arrives late changes nothing`() {
        let limits = RuntimeLimits()
        limits.apply([.runningJobs: setting(9, 2)])
        limits.apply([.runningJobs: setting(7, 1)])
        #expect(limits.current.runningJobs == 9)
    }

    @Test func `observers are called after changes only`() {
        let limits = RuntimeLimits()
        let observed = Mutex<[Int]>([])
        limits.observe { observed.withLock { $0.append(limits.current.transfers) } }
        limits.apply([.transfers: setting(5, 1)])
        limits.apply([.transfers: setting(5, 2)])
        limits.apply([.transfers: setting(6, 3)])
        #expect(observed.withLock { $0 } == [5, 6])
    }

    @Test func `a value that is out of range counts as its nearest bound`() {
        let limits = RuntimeLimits()
        limits.apply([.transfers: setting(0, 1), .runningJobs: setting(.max, 2)])
        #expect(limits.current.transfers == 1)
        #expect(limits.current.runningJobs == 1_000)
    }

    @Test(arguments: ServiceLimit.allCases) func `every limit has its own value`(
        limit: ServiceLimit
    ) {
        var limits = ServiceLimits()
        limits[limit] = limit.range.upperBound
        for other in ServiceLimit.allCases {
            let expected = other == limit ? limit.range.upperBound : ServiceLimits()[other]
            #expect(limits[other] == expected)
        }
    }

    private func setting(_ value: Int?, _ revision: Int64) -> LimitSetting {
        LimitSetting(
            value: value, changedBy: "admin", changedAt: Timestamp(microseconds: revision),
            revision: revision)
    }
}
