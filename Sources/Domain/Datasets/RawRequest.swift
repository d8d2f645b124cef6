// A request for datasets as it was written, before anybody tried to understand it.

/// What was asked for, word for word.
package struct RawRequest: Hashable, Sendable {
    /// `nil`, here and below, where the member is missing or no text: whoever read it reports that.
    package var exchange: String?
    package var symbols: [String]?
    package var dataTypes: [String]?
    package var startDate: String?
    package var endDate: String?

    package init(
        exchange: String?, symbols: [String]?, dataTypes: [String]?, startDate: String?,
        endDate: String?
    ) {
        self.exchange = exchange
        self.symbols = symbols
        self.dataTypes = dataTypes
        self.startDate = startDate
        self.endDate = endDate
    }
}
