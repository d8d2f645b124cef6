// The exchanges and symbols of the stand-in's catalogue.

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

    /// An exchange; a grouped symbol is added for every kind that it lists.
    init(
        _ id: String, _ name: String, _ since: String, until: String? = nil,
        symbols: [ListedSymbol]
    ) {
        self.id = id
        self.name = name
        let (since, until) = (Day(listed: since), until.map { Day(listed: $0) })
        self.since = since
        self.until = until
        var kinds: [ListedSymbol.Kind] = []
        for symbol in symbols where !kinds.contains(symbol.kind) { kinds.append(symbol.kind) }
        self.symbols =
            symbols
            + kinds.map { kind in
                ListedSymbol(
                    id: kind.groupID, kind: kind, dataTypes: kind.groupDataTypes,
                    since: since, until: until, isGroup: true)
            }
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

/// A dataset symbol with its kinds of data and its days.
struct ListedSymbol: Sendable {
    /// Tardis's word for the kind of instrument.
    enum Kind: String, Sendable {
        case spot
        case perpetual
        case future
        case option

        private static let book: [DataType] = [
            .trades, .incrementalBookL2, .quotes, .bookSnapshot5, .bookSnapshot25,
        ]

        fileprivate var dataTypes: [DataType] {
            switch self {
            case .spot: Kind.book + [.bookTicker]
            case .perpetual, .future: Kind.book + [.bookTicker, .derivativeTicker, .liquidations]
            case .option: Kind.book + [.optionsChain]
            }
        }

        /// The id that stands for all symbols of the kind.
        fileprivate var groupID: String {
            switch self {
            case .spot: "SPOT"
            case .perpetual: "PERPETUALS"
            case .future: "FUTURES"
            case .option: "OPTIONS"
            }
        }

        fileprivate var groupDataTypes: [DataType] {
            switch self {
            case .spot: [.trades]
            case .perpetual, .future: [.trades, .derivativeTicker, .liquidations]
            case .option: [.trades, .quotes, .optionsChain]
            }
        }
    }

    /// The dataset's spelling.
    let id: String
    let kind: Kind
    let dataTypes: [DataType]
    let since: Day
    /// The first day without data; `nil` while it is listed.
    let until: Day?
    /// Whether the id stands for all symbols of the kind, such as `OPTIONS`.
    let isGroup: Bool
}

extension ListedSymbol {
    static func spot(_ id: String, _ since: String, until: String? = nil) -> ListedSymbol {
        listed(id, .spot, since, until)
    }

    static func perpetual(_ id: String, _ since: String, until: String? = nil) -> ListedSymbol {
        listed(id, .perpetual, since, until)
    }

    static func future(_ id: String, _ since: String, until: String? = nil) -> ListedSymbol {
        listed(id, .future, since, until)
    }

    static func option(_ id: String, _ since: String, until: String? = nil) -> ListedSymbol {
        listed(id, .option, since, until)
    }

    private static func listed(
        _ id: String, _ kind: Kind, _ since: String, _ until: String?
    ) -> ListedSymbol {
        ListedSymbol(
            id: id, kind: kind, dataTypes: kind.dataTypes, since: Day(listed: since),
            until: until.map { Day(listed: $0) }, isGroup: false)
    }
}

extension Day {
    /// A day that this file's tables name.
    fileprivate init(listed text: String) {
        guard let day = Day(text) else { preconditionFailure("\(text) is no day") }
        self = day
    }
}
