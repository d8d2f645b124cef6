// How many connections all loops hold together, and for whom. It must not know what a connection
// is.

import Posix
import Synchronization

/// The places for connections, shared by the loops.
final class ConnectionCount: Sendable {
    /// What a connection holds, and gives back in the end.
    enum Place: Sendable {
        /// One of the places for clients.
        case client(network: UInt64)
        /// One of the few more in which clients are told that there is no place.
        case farewell
    }

    /// Why there is no place.
    enum Shortage: Error {
        /// All are taken.
        case everywhere
        /// The client's own address has all that it may have.
        case ofAddress
    }

    private let held = Atomic<Int>(0)
    private let farewells = Atomic<Int>(0)
    private let byNetwork = Mutex<[UInt64: Int]>([:])
    private let max: Int
    private let farewellMax: Int
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
        farewellMax = Swift.max(1, min(64, reserve / 8))
        perAddressMax = perAddress.map { $0 == 0 ? nil : $0 } ?? (max * 3 + 3) / 4
    }

    /// Takes a place for a client.
    ///
    /// - Parameter network: who it is, as far as counting goes.
    func take(for network: UInt64) throws(Shortage) -> Place {
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

    /// Takes a place in which a client is turned away politely; `nil` when those are taken too.
    func takeFarewell() -> Place? {
        if farewells.add(1, ordering: .relaxed).newValue <= farewellMax { return .farewell }
        farewells.subtract(1, ordering: .relaxed)
        return nil
    }

    /// Gives a place back.
    func giveBack(_ place: Place) {
        switch place {
        case .client(let network):
            giveAddressBack(network)
            held.subtract(1, ordering: .relaxed)
        case .farewell:
            farewells.subtract(1, ordering: .relaxed)
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

    private func giveAddressBack(_ network: UInt64) {
        guard perAddressMax != nil else { return }
        byNetwork.withLock { counts in
            // Without the entry of a client that has gone, or the table would grow for ever.
            let count = counts[network, default: 0] - 1
            counts[network] = count > 0 ? count : nil
        }
    }
}
