// One line of a fault script: which requests, how often, what. It must not know requests beyond
// their method and path.

/// A fault and the requests that it is for.
struct FaultRule: Decodable, Sendable {
    /// `match`.
    var pattern: PathPattern
    /// `method`; any where `nil`.
    var method: String?
    /// `skip`: so many matching requests are answered truly first.
    var skip: Int
    /// `times`: so many matching requests are hit; all where `nil`.
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
        try decoder.refuseUnknownMembers(knownTo: Key.self)
        let members = try decoder.container(keyedBy: Key.self)
        let times = try members.decodeIfPresent(Int.self, forKey: .times) ?? 1
        self.init(
            try members.decode(String.self, forKey: .match),
            method: try members.decodeIfPresent(String.self, forKey: .method),
            skip: try members.decodeIfPresent(Int.self, forKey: .skip) ?? 0,
            // 0 would be a rule without effect, so it can say "always".
            times: times <= 0 ? nil : times,
            fault: try members.decode(Fault.self, forKey: .fault))
    }

    /// Whether the request is hit; counts it where the rule is for it.
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
