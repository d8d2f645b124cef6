// Stride scheduling: divides turns between members by weight, so that no member starves.

import Jobs

/// Stride scheduling (Waldspurger and Weihl, 1995): every turn advances its member's pass by a
/// stride, and the member with the smallest pass has the next turn. Half the stride means twice
/// the turns; even the largest stride gets some.
///
/// A new member starts at the current minimum pass, so idling earns no credit. A member that
/// leaves and soon returns keeps its pass, so leaving cancels no debt.
struct FairShare<Member: Hashable> {
    private struct Account {
        var pass: UInt64
        var isActive: Bool
        var lastTurn: UInt64 = 0
    }

    private var accounts: [Member: Account] = [:]
    private var turns: UInt64 = 0

    /// Sets which members take part in the next turns.
    mutating func update(active members: Set<Member>) {
        let staying = accounts.filter { $0.value.isActive && members.contains($0.key) }
        let joining = members.filter { accounts[$0]?.isActive != true }
        if joining.isEmpty, staying.count == accounts.count { return }
        let start = staying.values.map(\.pass).min() ?? 0
        for member in joining {
            accounts[member] = Account(
                pass: max(accounts[member]?.pass ?? 0, start), isActive: true,
                lastTurn: accounts[member]?.lastTurn ?? 0)
        }
        let least = members.compactMap { accounts[$0]?.pass }.min()
        accounts = accounts.filter { member, account in
            members.contains(member) || least.map { $0 < account.pass } ?? false
        }
        for member in accounts.keys where !members.contains(member) {
            accounts[member]?.isActive = false
        }
    }

    /// The smaller, the sooner is the member's next turn.
    func pass(of member: Member) -> UInt64 { accounts[member]?.pass ?? 0 }

    /// The number of the member's last turn, counted over all members; 0 for none.
    func lastTurn(of member: Member) -> UInt64 { accounts[member]?.lastTurn ?? 0 }

    /// Counts a turn.
    mutating func charge(_ member: Member, _ stride: UInt64) {
        turns += 1
        accounts[member]?.pass += stride
        accounts[member]?.lastTurn = turns
    }

    /// Returns what was charged for turns that found no file.
    mutating func refund(_ member: Member, _ charged: UInt64) {
        let pass = pass(of: member)
        accounts[member]?.pass = pass - min(charged, pass)
    }
}

/// How far one turn advances a pass.
enum Stride {
    /// Each step of priority doubles a share: of two jobs, one of priority 6 gets two files for
    /// each file of one of priority 5.
    static func of(_ priority: Priority) -> UInt64 {
        1 << UInt64(Priority.range.upperBound - priority.rawValue)
    }
}
