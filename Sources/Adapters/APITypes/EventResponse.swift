// What GET /jobs/{id}/events and GET /events respond with, and why a job waits.

package import JSON

/// Something that happened.
package struct EventResponse: Hashable, Sendable, Decodable, JSONWritable {
    package var id: Int64
    /// `null` for events of the service.
    package var jobID: Int64?
    /// ISO 8601 with microseconds, in UTC.
    package var at: String
    /// `submitted`, `started` …
    package var event: String
    /// A user, or `service`.
    package var by: String
    /// The address of the sender, where there was one and the reader may see it.
    package var from: String?
    package var detail: String?

    package init(
        id: Int64, jobID: Int64?, at: String, event: String, by: String, from: String?,
        detail: String?
    ) {
        self.id = id
        self.jobID = jobID
        self.at = at
        self.event = event
        self.by = by
        self.from = from
        self.detail = detail
    }

    package var json: JSONValue {
        [
            "id": .integer(id),
            "job_id": .integer(jobID),
            "at": .string(at),
            "event": .string(event),
            "by": .string(by),
            "from": .text(from),
            "detail": .text(detail),
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case id, at, event, by, from, detail
        case jobID = "job_id"
    }
}

/// Why a job waits.
package struct WaitReasonResponse: Hashable, Sendable, Decodable, JSONWritable {
    /// `paused`, `behind`, `next`, `parked`, `disk_low`, `inodes_low`, `data_root_changed`,
    /// `not_writable`, `machine_busy`, `catalogue`, `retry` or `turn`.
    package var code: String
    /// The same in words.
    package var reason: String
    /// ISO 8601, where it is known.
    package var until: String?

    package init(code: String, reason: String, until: String? = nil) {
        self.code = code
        self.reason = reason
        self.until = until
    }

    package var json: JSONValue {
        ["code": .string(code), "reason": .string(reason), "until": .text(until)]
    }
}

/// One page of a job's history.
package struct JobEventsResponse: Hashable, Sendable, Decodable, JSONWritable {
    package var jobID: Int64
    /// Oldest first.
    package var events: [EventResponse]
    package var total: Int
    /// `null` where nothing holds the job up.
    package var waiting: WaitReasonResponse?

    package init(jobID: Int64, events: [EventResponse], total: Int, waiting: WaitReasonResponse?) {
        self.jobID = jobID
        self.events = events
        self.total = total
        self.waiting = waiting
    }

    package var json: JSONValue {
        [
            "job_id": .integer(jobID),
            "events": .array(events.map(\.json)),
            "total": .integer(total),
            "waiting": waiting?.json ?? .null,
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case events, total, waiting
        case jobID = "job_id"
    }
}

/// One page of the whole history.
package struct EventListResponse: Hashable, Sendable, Decodable, JSONWritable {
    /// Newest first.
    package var events: [EventResponse]
    package var total: Int

    package init(events: [EventResponse], total: Int) {
        self.events = events
        self.total = total
    }

    package var json: JSONValue {
        ["events": .array(events.map(\.json)), "total": .integer(total)]
    }
}
