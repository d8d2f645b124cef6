// Slows down addresses that guess tokens without locking out those that send a right one.

import Datasets
import Jobs
import Synchronization

/// Counts wrong tokens by address.
///
/// After ``wrongMax`` of them within a minute each further token from the address, right or wrong,
/// waits ``pause`` before it is looked at, ``waitingMax`` of them at a time; a wrong one is then
/// answered 429. A kind of token (the users', the administrators') that has been right before from
/// the address does not wait: who guesses behind the same router or proxy holds up no colleague.
final class TokenThrottle: Sendable {
    /// Wrong tokens within ``window`` that are answered at once.
    static let wrongMax = 10
    private static let windowSeconds = 60
    /// How long a token waits that may be a guess.
    static let pause = Duration.seconds(1)
    /// Tokens of one address that may wait; with the pause, the guesses per second.
    private static let waitingMax = 4
    /// Addresses remembered of either kind, some hundred bytes each. An attacker with more of them
    /// makes the service forget, and gains ten guesses for each.
    private static let addressesMax = 4_096

    /// What is to be done with a token.
    enum Verdict: Hashable {
        case take
        /// Wait ``pause``, then take it and call ``waited(at:)``.
        case wait
        case refuse(retryAfterSeconds: Int)
    }

    private struct Guesses {
        var since: Timestamp
        var wrong = 0
        var waiting = 0
    }

    private struct Proof: Hashable {
        let address: String
        let credential: Credential
    }

    private struct State {
        var guesses: [String: Guesses] = [:]
        var proofs: Set<Proof> = []
    }

    private let state = Mutex(State())

    /// Judges a token that has just come. A wrong one that may be taken is counted.
    ///
    /// - Parameter peer: the client's address, without its port.
    func verdict(on credential: Credential, from peer: String, at now: Timestamp) -> Verdict {
        // No guess at all.
        if credential == .none || credential == .missing { return .take }
        let address = TokenThrottle.network(of: peer)
        return state.withLock { state in
            let proof = Proof(address: address, credential: credential)
            if state.proofs.contains(proof) { return .take }
            var own = state.guesses[address]
            if let since = own?.since, own?.waiting == 0,
                !(0..<TokenThrottle.windowSeconds).contains(seconds(from: since, to: now))
            {
                own = nil
                state.guesses[address] = nil
            }
            if var found = own, found.wrong >= TokenThrottle.wrongMax {
                guard found.waiting < TokenThrottle.waitingMax else {
                    return .refuse(retryAfterSeconds: rest(of: found, at: now))
                }
                found.waiting += 1
                state.guesses[address] = found
                return .wait
            }
            if credential == .wrong {
                TokenThrottle.makeRoom(in: &state.guesses)
                state.guesses[address, default: Guesses(since: now)].wrong += 1
            } else {
                if state.proofs.count >= TokenThrottle.addressesMax { state.proofs.removeAll() }
                state.proofs.insert(proof)
            }
            return .take
        }
    }

    /// A token has waited.
    ///
    /// - Returns: ``Verdict/take`` for a right one, else when to come back.
    func waited(_ credential: Credential, from peer: String, at now: Timestamp) -> Verdict {
        let address = TokenThrottle.network(of: peer)
        return state.withLock { state in
            state.guesses[address]?.waiting -= 1
            guard credential == .wrong else {
                state.proofs.insert(Proof(address: address, credential: credential))
                return .take
            }
            let seconds = state.guesses[address].map { rest(of: $0, at: now) }
            return .refuse(retryAfterSeconds: seconds ?? 1)
        }
    }

    private func rest(of guesses: Guesses, at now: Timestamp) -> Int {
        let passed = seconds(from: guesses.since, to: now)
        return min(max(1, TokenThrottle.windowSeconds - passed), TokenThrottle.windowSeconds)
    }

    private func seconds(from start: Timestamp, to end: Timestamp) -> Int {
        Int((end.microseconds - start.microseconds) / 1_000_000)
    }

    /// Forgets addresses of which no token waits, where there are too many.
    private static func makeRoom(in guesses: inout [String: Guesses]) {
        guard guesses.count >= addressesMax else { return }
        guesses = guesses.filter { $0.value.waiting > 0 }
    }

    /// An IPv4 address, or the network of 64 bits that one customer has of IPv6.
    private static func network(of peer: String) -> String {
        guard peer.utf8.contains(UInt8(ascii: ":")) else { return peer }
        let groups = peer.split(separator: ":", omittingEmptySubsequences: false)
        return groups.prefix(4).prefix { !$0.isEmpty }.joined(separator: ":") + "::"
    }
}
