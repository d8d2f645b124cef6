// `download-service healthcheck`: asks the running service, for containers whose image has no curl.

import APITypes
import Curl
import JSON

/// Asks `GET /health` of the service that the same settings describe.
enum HealthCheckCommand {
    /// - Returns: 0 when the service answers and is healthy.
    static func run() async -> Int32 {
        guard let settings = ProcessEnvironment.settings() else {
            return ServiceProgram.Exit.configuration
        }
        // The service runs on this machine: no proxy has a way there.
        let client = CurlClient(settings: CurlSettings(usesEnvironmentProxy: false))
        defer { client.close() }
        let url = "http://\(address(of: settings.host)):\(settings.port)/health"
        do {
            // Shorter than the time that container engines usually give a health check.
            let reply = try await client.fetch(
                TransferRequest(url: url, totalTimeout: .seconds(4), schemes: ["http"]),
                bodyMaxBytes: 1 << 16)
            let status = reply.head.status
            guard let report = try? JSONCoding.decode(HealthReport.self, from: reply.body),
                report.service == ServiceInfo.name
            else {
                ServiceProgram.complain(
                    "What answers at \(url) is not the download service (status \(status)). Check "
                        + "API_HOST and API_PORT.\n")
                return ServiceProgram.Exit.failure
            }
            ServiceProgram.say(String(decoding: reply.body, as: UTF8.self) + "\n")
            return status == 200 ? ServiceProgram.Exit.success : ServiceProgram.Exit.failure
        } catch {
            ServiceProgram.complain("The service at \(url) does not answer: \(error)\n")
            return ServiceProgram.Exit.failure
        }
    }

    /// Where a service that listens on every address is reached from the same machine.
    private static func address(of host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "[::1]"
        default: host.contains(":") ? "[\(host)]" : host
        }
    }
}
