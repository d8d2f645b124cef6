// A fault script: which requests are hit, how often, by what.

import Synchronization

/// A list of rules, shared by all event loops; the first that applies to a request decides.
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

    /// Appends rules.
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

/// A fault and the requests that it applies to.
struct FaultRule: Decodable, Sendable {
    /// `match`.
    var pattern: PathPattern
    /// `method`; any where `nil`.
    var method: String?
    /// `skip`: how many matching requests pass first.
    var skip: Int
    /// `times`: how many matching requests are hit; all where `nil`.
    var times: Int?
    var fault: Fault

    init(
        _ pattern: String, method: String? = nil, skip: Int = 0, times: Int? = 1, fault: Fault
    ) {
        self.pattern = PathPattern(pattern)
        self.method = method
        self.skip = skip
        self.times = times
        self.fault = fault
    }

    init(from decoder: any Decoder) throws {
        try decoder.refuseMembers(except: Key.allCases.map(\.rawValue))
        let members = try decoder.container(keyedBy: Key.self)
        let times = try members.decodeIfPresent(Int.self, forKey: .times) ?? 1
        self.init(
            try members.decode(String.self, forKey: .match),
            method: try members.decodeIfPresent(String.self, forKey: .method),
            skip: try members.decodeIfPresent(Int.self, forKey: .skip) ?? 0,
            // 0 would be a rule without effect, so it means "always".
            times: times <= 0 ? nil : times,
            fault: try members.decode(Fault.self, forKey: .fault))
    }

    /// Whether the request is hit; counts it where it matches.
    mutating func hits(method: String, path: String) -> Bool {
        guard times != 0, pattern.matches(path), self.method.map({ $0 == method }) ?? true else {
            return false
        }
        if skip > 0 {
            skip -= 1
            return false
        }
        times = times.map { $0 - 1 }
        return true
    }

    private enum Key: String, CodingKey, CaseIterable {
        case match
        case method
        case skip
        case times
        case fault
    }
}

/// A pattern with `*` for any characters and `?` for any one; without either, a prefix.
struct PathPattern: Hashable, Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    func matches(_ path: String) -> Bool {
        let pattern = Array(text.utf8)
        guard pattern.contains(where: { $0 == PathPattern.star || $0 == PathPattern.mark }) else {
            return path.utf8.starts(with: pattern)
        }
        return PathPattern.matches(pattern, Array(path.utf8))
    }

    /// Backtracks to the last star only, which then matches one more character.
    private static func matches(_ pattern: [UInt8], _ path: [UInt8]) -> Bool {
        var (next, position) = (0, 0)
        var retry: (next: Int, position: Int)?
        while position < path.count {
            if next < pattern.count, pattern[next] == star {
                retry = (next + 1, position)
                next += 1
            } else if next < pattern.count, pattern[next] == mark || pattern[next] == path[position]
            {
                next += 1
                position += 1
            } else if let last = retry {
                retry = (last.next, last.position + 1)
                (next, position) = (last.next, last.position + 1)
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == star }
    }

    private static let star = UInt8(ascii: "*")
    private static let mark = UInt8(ascii: "?")
}
