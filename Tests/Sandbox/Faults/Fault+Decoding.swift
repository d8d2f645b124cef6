// Reads a fault from JSON, and refuses members that do not exist.

extension Fault: Decodable {
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
        try decoder.refuseUnknownMembers(knownTo: Key.self)
        let members = try decoder.container(keyedBy: Key.self)
        func integer(_ key: Key) throws -> Int? {
            try members.decodeIfPresent(Int.self, forKey: key)
        }
        func text(_ key: Key) throws -> String? {
            try members.decodeIfPresent(String.self, forKey: key)
        }
        delayMilliseconds = try integer(.delayMilliseconds) ?? 0
        let status = try integer(.status)
        let headers = try members.decodeIfPresent([String: String].self, forKey: .headers)
        let body = try text(.body)
        if status != nil || headers != nil || body != nil {
            guard (200...599).contains(status ?? 200) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .status, in: members, debugDescription: "a status is 200 to 599")
            }
            answer = Answer(status: status, headers: headers ?? [:], body: body)
        }
        content = ContentFault(
            csv: try text(.csv), headerRow: try text(.headerRow), symbol: try text(.symbol),
            day: try text(.day), bombBytes: try integer(.bombBytes),
            members: try integer(.members), flipBitAt: try integer(.flipBitAt),
            truncateTo: try integer(.truncateTo), append: try text(.append))
        delivery = DeliveryFault(
            drop: try members.decodeIfPresent(DeliveryFault.Ending.self, forKey: .drop),
            raw: try text(.raw), closeAfter: try integer(.closeAfter),
            resetAfter: try integer(.resetAfter), stallAfter: try integer(.stallAfter),
            stallMilliseconds: try integer(.stallMilliseconds),
            bytesPerSecond: try integer(.bytesPerSecond),
            contentLength: try integer(.contentLength),
            framing: try members.decodeIfPresent(DeliveryFault.Framing.self, forKey: .framing))
    }

    private enum Key: String, CodingKey, CaseIterable {
        case delayMilliseconds = "delay_ms"
        case status
        case headers
        case body
        case csv
        case headerRow = "header_row"
        case symbol = "as_symbol"
        case day = "as_day"
        case bombBytes = "bomb_bytes"
        case members
        case flipBitAt = "flip_bit_at"
        case truncateTo = "truncate_to"
        case append
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

extension Decoder {
    /// - Throws: `DecodingError` when the object has a member that is no case of the keys.
    func refuseUnknownMembers<Key: CodingKey & CaseIterable>(knownTo keys: Key.Type) throws {
        let known = keys.allCases.map(\.stringValue)
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
