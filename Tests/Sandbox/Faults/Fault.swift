// What can go wrong with one response, as a script says it in JSON.

/// One scripted fault: any combination of another answer, other content, and a broken delivery.
///
/// In JSON either an object with the members of the three parts, or the name of a common fault
/// (``CommonFault``). Unknown members are errors, so that a typing error is no silent success.
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
struct ContentFault: Decodable, Sendable {
    /// A gzip of this text.
    var csv: String?
    /// Generated rows below another header row.
    var headerRow: String?
    /// The rows of another symbol.
    var symbol: String?
    /// The rows of another day, `YYYY-MM-DD`.
    var day: String?
    /// A gzip that inflates to so many line feeds.
    var bombBytes: Int?
    /// How often the gzip is repeated.
    var members: Int?
    /// The byte of which the lowest bit is inverted; negative counts from the end.
    var flipBitAt: Int?
    /// The body ends after so many bytes, with a Content-Length that agrees.
    var truncateTo: Int?
    /// Junk after the last byte.
    var append: String?

    fileprivate enum CodingKeys: String, CodingKey, CaseIterable {
        case csv
        case headerRow = "header_row"
        case symbol = "as_symbol"
        case day = "as_day"
        case bombBytes = "bomb_bytes"
        case members
        case flipBitAt = "flip_bit_at"
        case truncateTo = "truncate_to"
        case append
    }
}

/// True bytes, delivered badly. Counts are bytes of the body.
struct DeliveryFault: Decodable, Sendable {
    /// The connection ends before any byte of an answer.
    var drop: Ending?
    /// This text in place of head and body, then the end of the connection.
    var raw: String?
    /// The connection is closed after so many bytes.
    var closeAfter: Int?
    /// The connection is reset after so many bytes.
    var resetAfter: Int?
    /// Delivery stops after so many bytes, for ``stallMilliseconds`` or until the client goes.
    var stallAfter: Int?
    var stallMilliseconds: Int?
    /// The rate of delivery.
    var bytesPerSecond: Int?
    /// The claimed length, right or wrong.
    var contentLength: Int?
    /// How the end of the body is marked.
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

    fileprivate enum CodingKeys: String, CodingKey, CaseIterable {
        case drop
        case raw
        case closeAfter = "close_after"
        case resetAfter = "reset_after"
        case stallAfter = "stall_after"
        case stallMilliseconds = "stall_ms"
        case bytesPerSecond = "bytes_per_second"
        case contentLength = "content_length"
        case framing
    }
}

extension Fault: Decodable {
    private enum Key: String, CodingKey, CaseIterable {
        case delayMilliseconds = "delay_ms"
        case status
        case headers
        case body
    }

    init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            guard let common = CommonFault(rawValue: name) else {
                throw DecodingError.dataCorrupted(
                    .init(
                        codingPath: decoder.codingPath,
                        debugDescription: "no fault is called \(name); there are "
                            + CommonFault.allCases.map(\.rawValue).joined(separator: ", ")))
            }
            self = common.fault
            return
        }
        try decoder.refuseMembers(
            except: Key.allCases.map(\.rawValue) + ContentFault.CodingKeys.allCases.map(\.rawValue)
                + DeliveryFault.CodingKeys.allCases.map(\.rawValue))
        let members = try decoder.container(keyedBy: Key.self)
        delayMilliseconds = try members.decodeIfPresent(Int.self, forKey: .delayMilliseconds) ?? 0
        let status = try members.decodeIfPresent(Int.self, forKey: .status)
        let headers = try members.decodeIfPresent([String: String].self, forKey: .headers)
        let body = try members.decodeIfPresent(String.self, forKey: .body)
        if status != nil || headers != nil || body != nil {
            guard (200...599).contains(status ?? 200) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .status, in: members, debugDescription: "a status is 200 to 599")
            }
            answer = Answer(status: status, headers: headers ?? [:], body: body)
        }
        content = try ContentFault(from: decoder)
        delivery = try DeliveryFault(from: decoder)
    }
}

extension Decoder {
    /// - Throws: `DecodingError` when the object has a member of another name.
    func refuseMembers(except known: [String]) throws {
        for member in try container(keyedBy: AnyMember.self).allKeys
        where !known.contains(member.stringValue) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: codingPath,
                    debugDescription: "no member \(member.stringValue); there are "
                        + known.joined(separator: ", ")))
        }
    }
}

/// The name of any member.
private struct AnyMember: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}
