// What all connections of a server keep to. It must not change while they live.

/// Limits and time-outs, in one place for all connections of a loop: each of them is some hundred
/// bytes, and a connection that idles should cost little.
package final class ConnectionRules: Sendable {
    let limits: Limits
    let spans: ConnectionState.Spans

    package init(limits: Limits = Limits(), timeouts: Timeouts = Timeouts()) {
        self.limits = limits
        spans = ConnectionState.Spans(timeouts)
    }
}
