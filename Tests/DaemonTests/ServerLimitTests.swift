// The bounds of the server as an operator sets them.

import HTTP
import HTTPServer
import TestSupport
import Testing

@testable import Daemon

@Suite struct ServerLimitTests {
    private func server(_ environment: [String: String]) throws -> ServerSettings {
        ServerSettings(try SettingsReader.settings(environment: environment, file: nil))
    }

    @Test func `without variables the server's own defaults hold`() throws {
        let (set, own) = (try server([:]), ServerSettings())
        #expect(set.connectionMax == own.connectionMax)
        #expect(set.connectionsPerAddressMax == own.connectionsPerAddressMax)
        #expect(set.limits.requestsPerConnectionMax == own.limits.requestsPerConnectionMax)
        #expect(set.limits.headerBytesMax == own.limits.headerBytesMax)
        #expect(set.limits.bodyBytesMax == own.limits.bodyBytesMax)
        #expect(set.unfinishedBytesMax == own.unfinishedBytesMax)
        #expect(set.unsentBytesMax == own.unsentBytesMax)
        #expect(set.timeouts.firstByte == own.timeouts.firstByte)
        #expect(set.timeouts.head == own.timeouts.head)
        #expect(set.timeouts.body == own.timeouts.body)
        #expect(set.timeouts.bodyBytesPerSecondMin == own.timeouts.bodyBytesPerSecondMin)
        #expect(set.timeouts.writeStall == own.timeouts.writeStall)
        #expect(set.timeouts.idle == own.timeouts.idle)
    }

    @Test func `each variable sets its own bound`() throws {
        let set = try server([
            "HTTP_CONNECTIONS_MAX": "2", "HTTP_CONNECTIONS_PER_ADDRESS_MAX": "0",
            "HTTP_REQUESTS_PER_CONNECTION_MAX": "4", "HTTP_HEADER_BYTES_MAX": "5000",
            "HTTP_BODY_BYTES_MAX": "6000", "HTTP_FIRST_BYTE_TIMEOUT": "7",
            "HTTP_HEAD_TIMEOUT": "8", "HTTP_BODY_TIMEOUT": "9", "HTTP_BODY_RATE_MIN": "10",
            "HTTP_WRITE_TIMEOUT": "11", "HTTP_IDLE_TIMEOUT": "12",
            "HTTP_UNFINISHED_BYTES_MAX": "13000000", "HTTP_UNSENT_BYTES_MAX": "17000000",
        ])
        #expect(set.connectionMax == 2)
        #expect(set.connectionsPerAddressMax == 0)
        #expect(set.limits.requestsPerConnectionMax == 4)
        #expect(set.limits.headerBytesMax == 5000)
        #expect(set.limits.bodyBytesMax == 6000)
        #expect(set.unfinishedBytesMax == 13_000_000)
        #expect(set.unsentBytesMax == 17_000_000)
        #expect(set.timeouts.firstByte == .seconds(7))
        #expect(set.timeouts.head == .seconds(8))
        #expect(set.timeouts.body == .seconds(9))
        #expect(set.timeouts.bodyBytesPerSecondMin == 10)
        #expect(set.timeouts.writeStall == .seconds(11))
        #expect(set.timeouts.idle == .seconds(12))
    }

    @Test(arguments: [
        ("HTTP_CONNECTIONS_MAX", "0"), ("HTTP_CONNECTIONS_PER_ADDRESS_MAX", "-1"),
        ("HTTP_BODY_BYTES_MAX", "1MB"), ("HTTP_HEADER_BYTES_MAX", "100"),
        ("HTTP_UNFINISHED_BYTES_MAX", "1000"), ("HTTP_UNSENT_BYTES_MAX", "1000"),
        ("HTTP_IDLE_TIMEOUT", "0"), ("HTTP_HEAD_TIMEOUT", "1.5"),
    ])
    func `a bound that cannot be is a mistake`(name: String, value: String) {
        do {
            _ = try SettingsReader.settings(environment: [name: value], file: nil)
            Issue.record("\(name)=\(value) was taken")
        } catch {
            #expect(error.mistakes.count == 1)
            #expect(error.mistakes.first?.hasPrefix("\(name): ") == true)
        }
    }
}
