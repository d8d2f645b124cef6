// What `GET` and `PATCH /settings/limits` answer.

/// One limit of the service.
package struct LimitAnswer: Hashable, Sendable, Decodable, JSONWritable {
    /// What counts at the moment.
    package var value: Int
    /// What counts where nobody has set anything.
    package var `default`: Int
    /// Who set it last, or set it back; `nil` where nobody ever did.
    package var changedBy: String?
    /// ISO 8601 with microseconds, in UTC.
    package var changedAt: String?

    package init(value: Int, default preset: Int, changedBy: String?, changedAt: String?) {
        self.value = value
        self.default = preset
        self.changedBy = changedBy
        self.changedAt = changedAt
    }

    package var json: JSONValue {
        [
            "value": .integer(value),
            "default": .integer(self.default),
            "changed_by": .text(changedBy),
            "changed_at": .text(changedAt),
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case value
        case `default`
        case changedBy = "changed_by"
        case changedAt = "changed_at"
    }
}

/// All limits of the service, in a fixed order.
package struct LimitsAnswer: Hashable, Sendable, Decodable, JSONWritable {
    /// One limit under its name.
    package struct Entry: Hashable, Sendable {
        package var name: String
        package var limit: LimitAnswer

        package init(_ name: String, _ limit: LimitAnswer) {
            self.name = name
            self.limit = limit
        }
    }

    package var limits: [Entry]

    package init(_ limits: [Entry]) {
        self.limits = limits
    }

    /// A newer service may have more limits; decoders know no order, so they are sorted by name.
    package init(from decoder: any Decoder) throws {
        let members = try [String: LimitAnswer](from: decoder)
        limits = members.map { Entry($0.key, $0.value) }.sorted { $0.name < $1.name }
    }

    package var json: JSONValue {
        .object(limits.map { JSONValue.Member($0.name, $0.limit.json) })
    }
}
