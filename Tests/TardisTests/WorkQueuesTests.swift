// Which queue a task gets.

import Dispatch
import Testing

@testable import Tardis

@Suite struct WorkQueuesTests {
    @Test func `gives out every queue before any of them twice`() async {
        let queues = WorkQueues(count: 3)
        await queues.lend { first in
            await queues.lend { second in
                await queues.lend { third in
                    #expect(Set([first, second, third].map(\.label)).count == 3)
                }
            }
        }
    }

    @Test func `gives out again what was given back`() async {
        let queues = WorkQueues(count: 2)
        await queues.lend { first in
            let second = await queues.lend { $0.label }
            await queues.lend { third in
                #expect(third.label == second)
                #expect(third !== first)
            }
        }
    }
}
