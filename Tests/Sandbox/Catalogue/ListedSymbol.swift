// One symbol that the stand-in's catalogue lists. It must not know JSON.

import Datasets

/// A dataset symbol with its kinds of data and its days.
struct ListedSymbol: Sendable {
    /// The dataset's spelling.
    var id: String
    /// Tardis's word for the kind of instrument: `spot`, `perpetual`, `future`, `option`, `combo`.
    var kind: String
    var dataTypes: [DataType]
    var since: Day
    /// The first day without data; `nil` while it is listed.
    var until: Day?
    /// Whether the id stands for all symbols of the kind, such as `OPTIONS`.
    var isGroup = false
}

extension ListedSymbol {
    private static let book: [DataType] = [
        .trades, .incrementalBookL2, .quotes, .bookSnapshot5, .bookSnapshot25, .bookTicker,
    ]

    static func spot(_ id: String, since: Day, until: Day? = nil) -> ListedSymbol {
        ListedSymbol(id: id, kind: "spot", dataTypes: book, since: since, until: until)
    }

    static func perpetual(_ id: String, since: Day, until: Day? = nil) -> ListedSymbol {
        let types = book + [.derivativeTicker, .liquidations]
        return ListedSymbol(
            id: id, kind: "perpetual", dataTypes: types, since: since, until: until)
    }

    static func future(_ id: String, since: Day, until: Day? = nil) -> ListedSymbol {
        let types = book + [.derivativeTicker, .liquidations]
        return ListedSymbol(id: id, kind: "future", dataTypes: types, since: since, until: until)
    }

    static func option(_ id: String, since: Day, until: Day? = nil) -> ListedSymbol {
        let types: [DataType] = [
            .trades, .incrementalBookL2, .quotes, .bookSnapshot5, .bookSnapshot25, .optionsChain,
        ]
        return ListedSymbol(id: id, kind: "option", dataTypes: types, since: since, until: until)
    }

    /// The id that stands for all symbols of a kind; it has few kinds of data.
    static func group(of kind: String, since: Day, until: Day?) -> ListedSymbol {
        let (id, types): (String, [DataType]) =
            switch kind {
            case "spot": ("SPOT", [.trades])
            case "perpetual": ("PERPETUALS", [.trades, .derivativeTicker, .liquidations])
            case "future": ("FUTURES", [.trades, .derivativeTicker, .liquidations])
            default: ("OPTIONS", [.trades, .quotes, .optionsChain])
            }
        return ListedSymbol(
            id: id, kind: kind, dataTypes: types, since: since, until: until, isGroup: true)
    }
}
