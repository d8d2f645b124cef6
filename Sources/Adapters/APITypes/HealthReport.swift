// What GET /health and GET / respond with. Both are open to everyone and hold no secret.

package import JSON

/// One reason why the service is not healthy.
package struct HealthReason: Hashable, Sendable, Decodable, JSONWritable {
    /// `upstream_paused`, `upstream_unreachable`, `no_catalogue`, `disk_low`, `inodes_low`,
    /// `data_root_changed`, `not_writable`, `machine_busy`, `database_disk_low`, `database_moved`
    /// or `database_unavailable`.
    package var code: String
    /// The same in sentences, with what to do.
    package var detail: String
    /// ISO 8601, where it is known when it is over.
    package var until: String?

    package init(code: String, detail: String, until: String? = nil) {
        self.code = code
        self.detail = detail
        self.until = until
    }

    package var json: JSONValue {
        ["code": .string(code), "detail": .string(detail), "until": .text(until)]
    }
}

/// The health of the service, check by check.
package struct HealthReport: Hashable, Sendable, Decodable, JSONWritable {
    /// `healthy`; `degraded` while downloads cannot proceed and nothing need be restarted; or
    /// `unhealthy`.
    package var status: String
    /// `connected`, or what is wrong with it.
    package var database: String
    /// `configured`, `not configured`, or what is wrong with it.
    package var telegram: String
    /// `ok`, or what is wrong with the folder that datasets are written to.
    package var disk: String
    /// Bytes that can still be written there, where that is known.
    package var diskFreeBytes: Int64?
    /// `reachable`, or what is known to be wrong with Tardis at the moment.
    package var upstream: String
    /// Jobs that run at the moment, where that is known.
    package var jobsRunning: Int?
    /// Jobs that wait for their turn, where that is known.
    package var jobsPending: Int?
    package var version: String
    /// ``ServiceInfo/name``; `nil` from versions before 2.1.
    package var service: String? = ServiceInfo.name
    /// Why the service is not healthy; empty where it is. Services older than the client do not
    /// know it.
    package var reasons: [HealthReason]?
    /// What is wrong, in a sentence; `nil` while nothing is, and then left out.
    package var detail: String?

    package init(
        status: String, database: String, telegram: String, disk: String, diskFreeBytes: Int64?,
        upstream: String, jobsRunning: Int?, jobsPending: Int?, version: String,
        reasons: [HealthReason] = [], detail: String? = nil
    ) {
        self.status = status
        self.database = database
        self.telegram = telegram
        self.disk = disk
        self.diskFreeBytes = diskFreeBytes
        self.upstream = upstream
        self.jobsRunning = jobsRunning
        self.jobsPending = jobsPending
        self.version = version
        self.reasons = reasons
        self.detail = detail
    }

    package var json: JSONValue {
        var report: JSONValue = [
            "status": .string(status),
            "database": .string(database),
            "telegram": .string(telegram),
            "disk": .string(disk),
            "disk_free_bytes": .integer(diskFreeBytes),
            "upstream": .string(upstream),
            "jobs_running": .integer(jobsRunning),
            "jobs_pending": .integer(jobsPending),
            "version": .string(version),
            "reasons": .array((reasons ?? []).map(\.json)),
        ]
        report["service"] = service.map(JSONValue.string)
        report["detail"] = detail.map(JSONValue.string)
        return report
    }

    private enum CodingKeys: String, CodingKey {
        case status, database, telegram, disk, upstream, version, service, reasons, detail
        case diskFreeBytes = "disk_free_bytes"
        case jobsRunning = "jobs_running"
        case jobsPending = "jobs_pending"
    }
}

/// The name and version of the service.
package struct ServiceInfo: Hashable, Sendable, Decodable, JSONWritable {
    /// Distinguishes responses of the service from those of a proxy or another program.
    package static let name = "Tardis Download Service"

    package var service: String
    package var status: String
    package var version: String

    package init(
        service: String = ServiceInfo.name, status: String = "running", version: String
    ) {
        self.service = service
        self.status = status
        self.version = version
    }

    package var json: JSONValue {
        ["service": .string(service), "status": .string(status), "version": .string(version)]
    }
}

/// The version of service and client, which are released together.
package enum ReleaseVersion {
    package static let current = "2.0.0"
}
