// Whoever hears of changed jobs hears of the last one as easily as of the first.

import Jobs
import Synchronization
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct JobWatchTests {
    @Test func `the way to the listener does not grow with use`() {
        let places = Mutex<[Int]>([])
        let watch = JobWatch()
        watch.tell([JobID(1)])
        watch.listen { _ in
            var here = 0
            withUnsafeMutablePointer(to: &here) { here in
                let place = Int(bitPattern: here)
                places.withLock { $0.append(place) }
            }
        }
        for number in 0..<10_000 { watch.tell([JobID(Int64(number))]) }
        let used = places.withLock { $0 }
        #expect(used.count == 10_000)
        // AddressSanitizer keeps variables elsewhere than on the stack.
        #expect(isSanitized || (used.max() ?? 0) - (used.min() ?? 0) < 4_096)
    }
}
