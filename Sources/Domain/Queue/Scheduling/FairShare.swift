// Divides turns between members by weight, so that nobody starves. It must not know what a turn is
// for, or who the members are.

import Jobs

/// Stride scheduling (Waldspurger and Weihl, 1995): every turn moves its member's pass on by the
/// turn's price, and the least pass has the next turn. Who pays half the price gets twice the
/// turns; who pays most still gets some.
///
/// Members come and go. Who comes begins where the others are: nobody saves turns up by wanting
/// none. Who goes and comes back soon still owes what they had before.
struct FairShare<Member: Hashable> {
    private struct Account {
        var pass: UInt64
        var wants: Bool
        var lastTurn: UInt64 = 0
    }

    private var accounts: [Member: Account] = [:]
    private var turns: UInt64 = 0

    /// Says who wants turns at this moment; who is left out wants none.
    mutating func update(wanting members: Set<Member>) {
        let staying = accounts.filter { $0.value.wants && members.contains($0.key) }
        let coming = members.filter { accounts[$0]?.wants != true }
        if coming.isEmpty, staying.count == accounts.count { return }
        let start = staying.values.map(\.pass).min() ?? 0
        for member in coming {
            accounts[member] = Account(
                pass: max(accounts[member]?.pass ?? 0, start), wants: true,
                lastTurn: accounts[member]?.lastTurn ?? 0)
        }
        let least = members.compactMap { accounts[$0]?.pass }.min()
        accounts = accounts.filter { member, account in
            members.contains(member) || least.map { $0 < account.pass } ?? false
        }
        for member in accounts.keys where !members.contains(member) {
            accounts[member]?.wants = false
        }
    }

    /// The less, the sooner is the member's next turn.
    func pass(of member: Member) -> UInt64 { accounts[member]?.pass ?? 0 }

    /// When the member had its last turn, counted in turns; 0 for never.
    func lastTurn(of member: Member) -> UInt64 { accounts[member]?.lastTurn ?? 0 }

    /// Counts a turn.
    mutating func charge(_ member: Member, _ price: UInt64) {
        turns += 1
        accounts[member]?.pass += price
        accounts[member]?.lastTurn = turns
    }

    /// Takes back what was charged for turns that came to nothing.
    mutating func refund(_ member: Member, _ sum: UInt64) {
        let pass = pass(of: member)
        accounts[member]?.pass = pass - min(sum, pass)
    }
}

/// What turns cost.
enum Stride {
    /// Each step of priority doubles a share: of two jobs, one of priority 6 gets two files for
    /// each file of one of priority 5.
    static func of(_ priority: Priority) -> UInt64 {
        1 << UInt64(Priority.range.upperBound - priority.rawValue)
    }
}
