// What can go wrong with one answer, as a script says it in JSON. It must not know how it is
// brought about.

/// One scripted fault: any combination of another answer, other content, and a broken delivery.
///
/// In JSON either an object with the members below, or the name of a common fault
/// (``CommonFault``). Members that do not exist are refused, so that a typing error is no silent
/// success.
struct Fault: Sendable {
    /// Before the head goes out, in milliseconds: `delay_ms`.
    var delayMilliseconds = 0
    var answer: Answer?
    var content = ContentFault()
    var delivery = DeliveryFault()

    /// Another answer than the true one: `status`, `headers`, `body`.
    struct Answer: Sendable {
        /// The true one's where `nil`, or 200.
        var status: Int?
        var headers: [String: String]
        var body: String?
    }
}

/// Other bytes than the true ones, in a well-formed answer.
struct ContentFault: Sendable {
    /// `csv`: a gzip of this text.
    var csv: String?
    /// `header_row`: generated rows below another header row.
    var headerRow: String?
    /// `as_symbol`: the rows of another symbol.
    var symbol: String?
    /// `as_day`: the rows of another day, `YYYY-MM-DD`.
    var day: String?
    /// `bomb_bytes`: a gzip that inflates to so many line feeds.
    var bombBytes: Int?
    /// `members`: the gzip so many times, one behind the other.
    var members: Int?
    /// `flip_bit_at`: the byte of which the lowest bit is wrong; negative counts from the end.
    var flipBitAt: Int?
    /// `truncate_to`: only the first bytes, with a Content-Length that agrees.
    var truncateTo: Int?
    /// `append`: junk behind the last byte.
    var append: String?
}

/// True bytes, brought badly. Counts are bytes of the body.
struct DeliveryFault: Sendable {
    /// `drop`: the connection ends before any byte of an answer.
    var drop: Ending?
    /// `raw`: this text in place of head and body, then the end of the connection.
    var raw: String?
    /// `close_after`: the connection is closed after so many bytes.
    var closeAfter: Int?
    /// `reset_after`: the connection is reset after so many bytes.
    var resetAfter: Int?
    /// `stall_after`: nothing comes after so many bytes, for `stall_ms` or until the client goes.
    var stallAfter: Int?
    var stallMilliseconds: Int?
    /// `bytes_per_second`: a trickle.
    var bytesPerSecond: Int?
    /// `content_length`: this length is claimed, whatever the body has.
    var contentLength: Int?
    /// `framing`: how the end of the body is told.
    var framing: Framing?

    /// How a connection ends.
    enum Ending: String, Decodable, Sendable {
        case close
        case reset
    }

    /// Ways to do without a Content-Length.
    enum Framing: String, Decodable, Sendable {
        case chunked
        /// The body ends with the connection.
        case close
    }
}
