// One exchange of the stand-in's catalogue, and the answers to what may be asked of it. It must
// not know JSON or HTTP.

import Datasets

/// An exchange with its dataset symbols.
struct ListedExchange: Sendable {
    let id: String
    let name: String
    let since: Day
    /// The first day without data; `nil` while it is open.
    let until: Day?
    /// The single symbols, then the grouped ones.
    let symbols: [ListedSymbol]

    /// An exchange; grouped symbols are added for every kind that it lists.
    init(
        _ id: String, _ name: String, since: Day, until: Day? = nil, symbols: [ListedSymbol]
    ) {
        self.id = id
        self.name = name
        self.since = since
        self.until = until
        var kinds: [String] = []
        for symbol in symbols where !kinds.contains(symbol.kind) { kinds.append(symbol.kind) }
        self.symbols =
            symbols + kinds.map { ListedSymbol.group(of: $0, since: since, until: until) }
    }

    /// The symbol with exactly this id.
    func symbol(_ id: String) -> ListedSymbol? {
        symbols.first { $0.id == id }
    }

    /// The symbol that was probably meant: the same letters and digits in another spelling, or the
    /// longest common beginning of at least three.
    func nearest(to id: String) -> ListedSymbol? {
        let wanted = ListedExchange.bare(id)
        if let same = symbols.first(where: { ListedExchange.bare($0.id) == wanted }) {
            return same
        }
        func common(_ symbol: ListedSymbol) -> Int {
            zip(ListedExchange.bare(symbol.id), wanted).prefix { $0 == $1 }.count
        }
        return symbols.filter { common($0) >= 3 }.max { common($0) < common($1) }
    }

    /// The ids whose rows the file of this symbol may hold on that day.
    func members(of symbol: ListedSymbol, on day: Day) -> [String] {
        guard symbol.isGroup else { return [symbol.id] }
        let members = symbols.filter { member in
            !member.isGroup && member.kind == symbol.kind && member.since <= day
                && member.until.map { day < $0 } ?? true
        }
        return members.isEmpty ? [symbol.id] : members.map(\.id)
    }

    private static func bare(_ id: String) -> [UInt8] {
        id.uppercased().utf8.filter {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
    }
}
