// Keeps the rates of a client: which request may begin, which bytes may pass, and who goes on first
// when they may. It must not know curl, and reads no clock of its own.

/// The pace of all transfers together. Confined to the transfer thread.
///
/// Both rates are first come, first served; a transfer that was let through stands at the end again
/// at its next piece, so that all of them get the same.
final class TransferPace {
    private var rates = TransferRates()
    private var requests: TokenBucket?
    private var bytes: TokenBucket?
    /// Orders that wait for their turn to begin.
    private var orders: [TransferOrder] = []
    /// Transfers whose bytes wait.
    private var held: [UInt64] = []
    private var isReleasing = false

    /// What is waited for before held bytes go on, in seconds of the rate: 10 ms, so that the
    /// thread wakes up a hundred times a second at most.
    private static let stepSeconds = 0.01

    /// Takes over the rates as they are by now.
    func adopt(_ rates: TransferRates, at now: ContinuousClock.Instant) {
        guard rates != self.rates else { return }
        if rates.requestsPerSecondMax != self.rates.requestsPerSecondMax {
            requests = rates.requestsPerSecondMax.map { TokenBucket(rate: $0, at: now) }
        }
        if rates.bytesPerSecondMax != self.rates.bytesPerSecondMax {
            bytes = rates.bytesPerSecondMax.map { TokenBucket(rate: $0, at: now) }
        }
        self.rates = rates
    }

    // MARK: Requests

    /// Whether an order may begin; if not, it is kept for ``nextOrder(at:)``.
    func mayBegin(_ order: TransferOrder, at now: ContinuousClock.Instant) -> Bool {
        guard order.request.isPaced, requests != nil else { return true }
        guard orders.isEmpty, takeRequest(at: now) else {
            let isBehind = { (other: TransferOrder) in !other.request.isExpedited }
            let place = order.request.isExpedited ? orders.firstIndex(where: isBehind) : nil
            orders.insert(order, at: place ?? orders.endIndex)
            return false
        }
        return true
    }

    /// The next order that may begin now: of those that go ahead, or else of all, the one that
    /// waits longest.
    func nextOrder(at now: ContinuousClock.Instant) -> TransferOrder? {
        guard !orders.isEmpty, takeRequest(at: now) else { return nil }
        return orders.removeFirst()
    }

    /// Takes an order out that waits.
    func withdraw(_ id: UInt64) -> TransferOrder? {
        guard let index = orders.firstIndex(where: { $0.id == id }) else { return nil }
        return orders.remove(at: index)
    }

    /// Takes out all orders that wait.
    func withdrawAll() -> [TransferOrder] {
        defer { orders = [] }
        return orders
    }

    private func takeRequest(at now: ContinuousClock.Instant) -> Bool {
        guard requests != nil else { return true }
        guard requests?.has(1, at: now) == true else { return false }
        requests?.take(1)
        return true
    }

    // MARK: Bytes

    /// Whether anything is to be asked before bytes pass.
    var holdsBytes: Bool { bytes != nil }

    /// Whether bytes of a transfer may pass now; if not, it is kept for the next release.
    func mayPass(_ id: UInt64, at now: ContinuousClock.Instant) -> Bool {
        guard bytes != nil else { return true }
        if held.isEmpty || isReleasing, hasBytes(TransferPace.leastTokens, at: now) { return true }
        held.append(id)
        return false
    }

    /// Bytes have passed.
    func passed(_ count: Int) {
        bytes?.take(count)
    }

    /// Lets transfers go on, whoever waits longest first, as far as the tokens go.
    ///
    /// - Parameter letPass: hands the transfer's bytes over, which ask again piece by piece.
    func release(at now: ContinuousClock.Instant, _ letPass: (UInt64) -> Void) {
        guard !held.isEmpty, hasBytes(step, at: now) else { return }
        isReleasing = true
        defer { isReleasing = false }
        // Each once: those that are held again stand behind the others.
        for _ in 0..<held.count where hasBytes(TransferPace.leastTokens, at: now) {
            letPass(held.removeFirst())
        }
    }

    private func hasBytes(_ count: Double, at now: ContinuousClock.Instant) -> Bool {
        bytes?.has(count, at: now) ?? true
    }

    /// A piece passes while there is any token left, and is owed for then.
    private static let leastTokens = 1e-9

    private var step: Double {
        max(1, Double(rates.bytesPerSecondMax ?? 0) * TransferPace.stepSeconds)
    }

    // MARK: Time

    /// How long nothing changes; `nil` where nobody waits.
    func wait(at now: ContinuousClock.Instant) -> Duration? {
        let forBytes = held.isEmpty ? nil : bytes?.wait(for: step, at: now)
        let forRequest = orders.isEmpty ? nil : requests?.wait(for: 1, at: now)
        guard let forBytes else { return forRequest }
        return forRequest.map { min($0, forBytes) } ?? forBytes
    }
}
