// What the settings that are no limits answer to administrators.

/// What `POST /settings/upstream/resume` answers: the pause that was ended.
package struct UpstreamResumeAnswer: Hashable, Sendable, Decodable, JSONWritable {
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
package struct DataRootConfirmAnswer: Hashable, Sendable, Decodable, JSONWritable {
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
