// What `GET /` answers.

package import JSON

/// Who answers, and in which version.
package struct ServiceInfo: Hashable, Sendable, Decodable, JSONWritable {
    /// What tells the service's answers from those of a proxy or another program.
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
