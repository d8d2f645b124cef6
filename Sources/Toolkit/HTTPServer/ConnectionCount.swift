// How many connections all loops hold together, and how many of them each client address has.

import Posix
import Synchronization

/// The bound of all connections and that of one address, shared by the loops.
final class ConnectionCount: Sendable {
    /// What a connection takes of the bound, and gives back in the end.
    enum Slot: Sendable {
        /// One of the connections for clients.
        case client(network: UInt64)
        /// One of the few more on which clients are only answered 503.
        case closing
    }

    /// Why there is no slot.
    enum Shortage: Error {
        /// All are taken.
        case everywhere
        /// The client's own address has all that it may have.
        case ofAddress
    }

    private let held = Atomic<Int>(0)
    private let closing = Atomic<Int>(0)
    private let byNetwork = Mutex<[UInt64: Int]>([:])
    private let max: Int
    private let closingMax: Int
    /// `nil` where an address may have as many as there are.
    private let perAddressMax: Int?

    /// - Parameters:
    ///   - wanted: the ceiling that the settings ask for.
    ///   - perAddress: the ceiling for one address, 0 for none; `nil` is three quarters of all.
    ///   - descriptors: how many descriptors the process may have open. An eighth, at least 64,
    ///     is left to files, databases and transfers; of very few, a half.
    init(wanted: Int, perAddress: Int? = nil, descriptors: Int = DescriptorLimit.current) {
        let reserve = descriptors > 128 ? Swift.max(64, descriptors / 8) : descriptors / 2
        max = Swift.max(1, min(wanted, descriptors - reserve))
        // Out of the reserve, which they must not use up.
        closingMax = Swift.max(1, min(64, reserve / 8))
        perAddressMax = perAddress.map { $0 == 0 ? nil : $0 } ?? (max * 3 + 3) / 4
    }

    /// Takes a slot for a client.
    ///
    /// - Parameter network: who it is, as far as counting goes.
    func take(for network: UInt64) throws(Shortage) -> Slot {
        guard held.add(1, ordering: .relaxed).newValue <= max else {
            held.subtract(1, ordering: .relaxed)
            throw .everywhere
        }
        guard takeAddress(network) else {
            held.subtract(1, ordering: .relaxed)
            throw .ofAddress
        }
        return .client(network: network)
    }

    /// Takes a slot for answering 503; `nil` when those are taken too.
    func takeClosing() -> Slot? {
        if closing.add(1, ordering: .relaxed).newValue <= closingMax { return .closing }
        closing.subtract(1, ordering: .relaxed)
        return nil
    }

    /// Gives a slot back.
    func release(_ slot: Slot) {
        switch slot {
        case .client(let network):
            releaseAddress(network)
            held.subtract(1, ordering: .relaxed)
        case .closing:
            closing.subtract(1, ordering: .relaxed)
        }
    }

    private func takeAddress(_ network: UInt64) -> Bool {
        guard let perAddressMax else { return true }
        return byNetwork.withLock { counts in
            let count = counts[network, default: 0]
            guard count < perAddressMax else { return false }
            counts[network] = count + 1
            return true
        }
    }

    private func releaseAddress(_ network: UInt64) {
        guard perAddressMax != nil else { return }
        byNetwork.withLock { counts in
            // Without the entry of a client that has gone, or the table would grow for ever.
            let count = counts[network, default: 0] - 1
            counts[network] = count > 0 ? count : nil
        }
    }
}
