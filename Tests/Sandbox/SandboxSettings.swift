// Everything that can be decided about the stand-in. It must not know command-line options.

import Datasets

/// The settings of a ``Sandbox``.
struct SandboxSettings: Sendable {
    var host: String
    /// 0 takes a free one.
    var port: UInt16
    /// 0 takes a free one.
    var storagePort: UInt16
    /// The API key that is right.
    var key: String
    /// The bot token that is right; every well-formed one where `nil`.
    var botToken: String?
    /// The chats that exist; any where `nil`.
    var chats: [String]?
    var content: DatasetContent
    /// The first day that is not exported yet; today where `nil`.
    var exportedUntil: Day?
    /// Before each answer but those of the stand-in's own routes.
    var latency: Duration
    var faults: [FaultRule]
}
