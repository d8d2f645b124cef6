// The variables that limit the connections and requests of clients.

extension SettingsReader {
    /// No machine holds that many connections; more would be a mistake.
    private static let connectionsRange = 1...1_000_000
    /// As far as the server's wheel of deadlines and an operator's patience reach.
    private static let secondsRange = 1...3_600

    static func readLimits(
        into server: inout Settings.Server, from reader: inout EnvironmentReader
    ) {
        server.connectionsMax = reader.wholeNumber(
            "HTTP_CONNECTIONS_MAX", in: connectionsRange, default: server.connectionsMax)
        if reader.text("HTTP_CONNECTIONS_PER_ADDRESS_MAX") != nil {
            server.connectionsPerAddressMax = reader.wholeNumber(
                "HTTP_CONNECTIONS_PER_ADDRESS_MAX", in: 0...connectionsRange.upperBound, default: 0)
        }
        server.requestsPerConnectionMax = reader.wholeNumber(
            "HTTP_REQUESTS_PER_CONNECTION_MAX", in: 1...1_000_000_000,
            default: server.requestsPerConnectionMax)
        // Below, some browsers' requests would not fit; above, the memory of one request would be
        // felt.
        server.headerBytesMax = reader.wholeNumber(
            "HTTP_HEADER_BYTES_MAX", in: 1_024...1_048_576, default: server.headerBytesMax)
        server.bodyBytesMax = reader.wholeNumber(
            "HTTP_BODY_BYTES_MAX", in: 1_024...67_108_864, default: server.bodyBytesMax)
        // Below, a few clients could keep each other from sending.
        server.unfinishedBytesMax = reader.wholeNumber(
            "HTTP_UNFINISHED_BYTES_MAX", in: 1_048_576...1_099_511_627_776,
            default: server.unfinishedBytesMax)
        // Below, a few large answers could keep each other from being sent.
        server.unsentBytesMax = reader.wholeNumber(
            "HTTP_UNSENT_BYTES_MAX", in: 16_777_216...1_099_511_627_776,
            default: server.unsentBytesMax)
        server.bodyRateMin = reader.wholeNumber(
            "HTTP_BODY_RATE_MIN", in: 1...1_000_000, default: server.bodyRateMin)
        readTimeouts(into: &server, from: &reader)
    }

    private static func readTimeouts(
        into server: inout Settings.Server, from reader: inout EnvironmentReader
    ) {
        server.firstByteTimeoutSeconds = reader.wholeNumber(
            "HTTP_FIRST_BYTE_TIMEOUT", in: secondsRange, default: server.firstByteTimeoutSeconds)
        server.headTimeoutSeconds = reader.wholeNumber(
            "HTTP_HEAD_TIMEOUT", in: secondsRange, default: server.headTimeoutSeconds)
        server.bodyTimeoutSeconds = reader.wholeNumber(
            "HTTP_BODY_TIMEOUT", in: secondsRange, default: server.bodyTimeoutSeconds)
        server.writeTimeoutSeconds = reader.wholeNumber(
            "HTTP_WRITE_TIMEOUT", in: secondsRange, default: server.writeTimeoutSeconds)
        server.idleTimeoutSeconds = reader.wholeNumber(
            "HTTP_IDLE_TIMEOUT", in: secondsRange, default: server.idleTimeoutSeconds)
    }
}
