// A dictionary for many threads that cannot grow without end.

import Synchronization

/// Holds up to `countMax` entries; one more replaces all of them. For what is cheap to find out
/// again.
final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let entries = Mutex<[Key: Value]>([:])
    private let countMax: Int

    init(countMax: Int = 4096) {
        self.countMax = countMax
    }

    subscript(key: Key) -> Value? {
        entries.withLock { $0[key] }
    }

    /// - Returns: the former value.
    @discardableResult
    func set(_ value: Value, for key: Key) -> Value? {
        entries.withLock { entries in
            if entries.count >= countMax { entries.removeAll(keepingCapacity: true) }
            return entries.updateValue(value, forKey: key)
        }
    }

    func remove(_ key: Key) {
        entries.withLock { _ = $0.removeValue(forKey: key) }
    }
}

/// A set.
extension BoundedCache where Value == Void {
    /// - Returns: whether the key is new.
    @discardableResult
    func insert(_ key: Key) -> Bool {
        set((), for: key) == nil
    }

    func contains(_ key: Key) -> Bool {
        self[key] != nil
    }
}
