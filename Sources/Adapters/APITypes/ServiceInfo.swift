// What `GET /` answers.

/// Who answers, and in which version.
package struct ServiceInfo: Hashable, Sendable, Decodable, JSONWritable {
    package var service: String
    package var status: String
    package var version: String

    package init(
        service: String = "Tardis Download Service", status: String = "running", version: String
    ) {
        self.service = service
        self.status = status
        self.version = version
    }

    package var json: JSONValue {
        ["service": .string(service), "status": .string(status), "version": .string(version)]
    }
}
