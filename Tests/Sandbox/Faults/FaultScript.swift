// The faults that are still to come, shared by all event loops. It must not know how one is
// brought about.

import Synchronization

/// A list of rules; the first that is for a request decides.
final class FaultScript: Sendable {
    private let rules: Mutex<[FaultRule]>

    init(_ rules: [FaultRule] = []) {
        self.rules = Mutex(rules)
    }

    /// The fault for this request, if any; counts it.
    func fault(method: String, path: String) -> Fault? {
        rules.withLock { rules in
            for index in rules.indices where rules[index].hits(method: method, path: path) {
                return rules[index].fault
            }
            return nil
        }
    }

    /// Puts rules behind those that are there.
    func append(_ more: [FaultRule]) {
        rules.withLock { $0 += more }
    }

    /// Replaces all rules.
    func replace(by new: [FaultRule]) {
        rules.withLock { $0 = new }
    }

    /// How many rules can still hit a request.
    var pendingCount: Int {
        rules.withLock { $0.count { $0.times != 0 } }
    }
}
