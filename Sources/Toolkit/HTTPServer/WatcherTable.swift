// Watchers of descriptors, by tokens that are never used again.

import Posix

/// Is told of events on a descriptor, and of deadlines.
protocol Watching: AnyObject {
    func ready(_ event: Epoll.Event)
    /// A deadline may have passed.
    func due()
}

/// Watchers by token. A token of a watcher that was removed finds nothing, even when its place has
/// been taken again: events that the kernel told before the removal must not reach the successor.
struct WatcherTable {
    /// A place, and which of its tenants.
    struct Token: Hashable, Sendable {
        let rawValue: UInt64

        fileprivate init(place: Int, generation: UInt32) {
            rawValue = UInt64(generation) << 32 | UInt64(place)
        }

        fileprivate init(rawValue: UInt64) {
            self.rawValue = rawValue
        }

        fileprivate var place: Int { Int(rawValue & 0xFFFF_FFFF) }
        fileprivate var generation: UInt32 { UInt32(rawValue >> 32) }
    }

    private struct Registration {
        var watcher: (any Watching)?
        var generation: UInt32 = 0
        /// When the wheel will tell of it, at the earliest.
        var tick: Int64?
    }

    private var places: [Registration] = []
    private var free: [Int] = []

    mutating func add(_ watcher: any Watching) -> Token {
        let place = free.popLast() ?? places.count
        if place == places.count { places.append(Registration()) }
        places[place].watcher = watcher
        return Token(place: place, generation: places[place].generation)
    }

    mutating func remove(_ token: Token) {
        guard find(token.rawValue) != nil else { return }
        places[token.place].watcher = nil
        places[token.place].tick = nil
        // Wraps after four thousand million tenants; no event is that late. The last generation is
        // left out, because a token of all ones is the mailbox's.
        let next = places[token.place].generation &+ 1
        places[token.place].generation = next == .max ? 0 : next
        free.append(token.place)
    }

    /// The watcher that an event is for, `nil` when it is gone.
    subscript(rawToken: UInt64) -> (any Watching)? {
        find(rawToken).flatMap { places[$0].watcher }
    }

    /// When the wheel will tell of a watcher.
    func tick(_ token: Token) -> Int64? {
        find(token.rawValue).flatMap { places[$0].tick }
    }

    mutating func setTick(_ token: Token, _ tick: Int64) {
        if let place = find(token.rawValue) { places[place].tick = tick }
    }

    /// The watcher that the wheel has told of, unless that entry was replaced by an earlier one.
    mutating func watcher(dueAt tick: Int64, _ rawToken: UInt64) -> (any Watching)? {
        guard let place = find(rawToken), places[place].tick == tick else { return nil }
        places[place].tick = nil
        return places[place].watcher
    }

    private func find(_ rawToken: UInt64) -> Int? {
        let token = Token(rawValue: rawToken)
        guard token.place < places.count, places[token.place].generation == token.generation,
            places[token.place].watcher != nil
        else { return nil }
        return token.place
    }
}
