// Slows down addresses that guess tokens without locking out those that send a right one.

import Datasets
import Jobs
import Synchronization

/// Counts wrong tokens by address.
///
/// After ``wrongMax`` of them within a minute each further token from the address, right or wrong,
/// waits ``pause`` before it is checked, ``waitingMax`` of them at a time; a wrong one then gets
/// status 429. A kind of token (the users', the administrators') that was right from the address
/// before does not wait, so guesses behind a shared router or proxy delay no colleague.
final class TokenThrottle: Sendable {
    /// Wrong tokens within a minute that get their response at once.
    static let wrongMax = 10
    private static let windowSeconds = 60
    /// How long a token that may be a guess waits.
    static let pause = Duration.seconds(1)
    /// Tokens of one address that may wait; with the pause, the guesses per second.
    private static let waitingMax = 4
    /// Addresses remembered of either kind, some hundred bytes each. An attacker with more
    /// addresses makes the service forget some, and gains ten guesses for each.
    private static let addressesMax = 4_096

    /// What happens to a token.
    enum Verdict: Hashable {
        case take
        /// Wait ``pause``, then call ``waited(_:from:at:)``.
        case wait
        case refuse(retryAfterSeconds: Int)
    }

    private struct Guesses {
        var since: Timestamp
        var wrong = 0
        var waiting = 0
    }

    private struct ProvenToken: Hashable {
        let address: String
        let credential: Credential
    }

    private struct State {
        var guesses: [String: Guesses] = [:]
        var proven: Set<ProvenToken> = []
    }

    private let state = Mutex(State())

    /// The verdict on a token that was just received. A wrong one that is taken is counted.
    ///
    /// - Parameter peer: the client's address, without its port.
    func verdict(on credential: Credential, from peer: String, at now: Timestamp) -> Verdict {
        // Not a guess.
        if credential == .none || credential == .missing { return .take }
        let address = TokenThrottle.network(of: peer)
        return state.withLock { state in
            let token = ProvenToken(address: address, credential: credential)
            if state.proven.contains(token) { return .take }
            var own = state.guesses[address]
            if let since = own?.since, own?.waiting == 0,
                !(0..<TokenThrottle.windowSeconds).contains(seconds(from: since, to: now))
            {
                own = nil
                state.guesses[address] = nil
            }
            if var found = own, found.wrong >= TokenThrottle.wrongMax {
                guard found.waiting < TokenThrottle.waitingMax else {
                    return .refuse(retryAfterSeconds: remaining(of: found, at: now))
                }
                found.waiting += 1
                state.guesses[address] = found
                return .wait
            }
            if credential == .wrong {
                TokenThrottle.evict(from: &state.guesses)
                state.guesses[address, default: Guesses(since: now)].wrong += 1
            } else {
                if state.proven.count >= TokenThrottle.addressesMax { state.proven.removeAll() }
                state.proven.insert(token)
            }
            return .take
        }
    }

    /// The verdict on a token that has waited.
    ///
    /// - Returns: ``Verdict/take`` for a right one, else the seconds until a new attempt.
    func waited(_ credential: Credential, from peer: String, at now: Timestamp) -> Verdict {
        let address = TokenThrottle.network(of: peer)
        return state.withLock { state in
            state.guesses[address]?.waiting -= 1
            guard credential == .wrong else {
                state.proven.insert(ProvenToken(address: address, credential: credential))
                return .take
            }
            let seconds = state.guesses[address].map { remaining(of: $0, at: now) }
            return .refuse(retryAfterSeconds: seconds ?? 1)
        }
    }

    private func remaining(of guesses: Guesses, at now: Timestamp) -> Int {
        let passed = seconds(from: guesses.since, to: now)
        return min(max(1, TokenThrottle.windowSeconds - passed), TokenThrottle.windowSeconds)
    }

    private func seconds(from start: Timestamp, to end: Timestamp) -> Int {
        Int((end.microseconds - start.microseconds) / 1_000_000)
    }

    /// Forgets addresses without waiting tokens, where there are too many.
    private static func evict(from guesses: inout [String: Guesses]) {
        guard guesses.count >= addressesMax else { return }
        guesses = guesses.filter { $0.value.waiting > 0 }
    }

    /// An IPv4 address, or the /64 network of an IPv6 address, which one customer has whole.
    private static func network(of peer: String) -> String {
        guard peer.utf8.contains(UInt8(ascii: ":")) else { return peer }
        let groups = peer.split(separator: ":", omittingEmptySubsequences: false)
        return groups.prefix(4).prefix { !$0.isEmpty }.joined(separator: ":") + "::"
    }
}
