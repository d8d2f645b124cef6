// What the routes below /settings respond with.

package import JSON

/// One limit of the service.
package struct LimitResponse: Hashable, Sendable, Decodable, JSONWritable {
    /// The current value.
    package var value: Int
    /// The value unless it was changed.
    package var `default`: Int
    /// The last user who changed it or set it back; `nil` where it never was.
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
        case value, `default`
        case changedBy = "changed_by"
        case changedAt = "changed_at"
    }
}

/// All limits of the service, in a fixed order.
package struct LimitsResponse: Hashable, Sendable, Decodable, JSONWritable {
    /// One limit under its name.
    package struct NamedLimit: Hashable, Sendable {
        package var name: String
        package var limit: LimitResponse

        package init(_ name: String, _ limit: LimitResponse) {
            self.name = name
            self.limit = limit
        }
    }

    package var limits: [NamedLimit]

    package init(_ limits: [NamedLimit]) {
        self.limits = limits
    }

    /// A newer service may have more limits; decoders know no order, so they are sorted by name.
    package init(from decoder: any Decoder) throws {
        let members = try [String: LimitResponse](from: decoder)
        limits = members.map { NamedLimit($0.key, $0.value) }.sorted { $0.name < $1.name }
    }

    package var json: JSONValue {
        .object(limits.map { JSONValue.Member($0.name, $0.limit.json) })
    }
}

/// What `POST /settings/upstream/resume` answers: the pause that was ended.
package struct UpstreamResumeResponse: Hashable, Sendable, Decodable, JSONWritable {
    /// When it would have been over: ISO 8601 with microseconds, in UTC.
    package var until: String
    /// Why downloads paused, where that is known.
    package var reason: String?

    package init(until: String, reason: String?) {
        self.until = until
        self.reason = reason
    }

    package var json: JSONValue { ["until": .string(until), "reason": .text(reason)] }
}

/// What `POST /settings/data-root/confirm` answers.
package struct DataRootConfirmResponse: Hashable, Sendable, Decodable, JSONWritable {
    /// Bytes that can be written to the folder that was confirmed.
    package var diskFreeBytes: Int64

    package init(diskFreeBytes: Int64) {
        self.diskFreeBytes = diskFreeBytes
    }

    package var json: JSONValue {
        ["confirmed": true, "disk_free_bytes": .integer(diskFreeBytes)]
    }

    private enum CodingKeys: String, CodingKey {
        case diskFreeBytes = "disk_free_bytes"
    }
}
