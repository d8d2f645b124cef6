// The way from swift-log to the sink. It must not know what is logged.

import Logging

/// Formats events and hands them to the sink.
struct ServiceLogHandler: LogHandler {
    let label: String
    let format: LogFormat
    let sink: LogSink
    let time: SystemTime
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    /// A logger that writes to the sink.
    static func logger(_ label: String, settings: Settings.Log, sink: LogSink) -> Logger {
        Logger(label: label) { label in
            ServiceLogHandler(
                label: label, format: settings.format, sink: sink, time: SystemTime(),
                logLevel: settings.level)
        }
    }

    func log(event: LogEvent) {
        var fields = event.metadata ?? [:]
        if !metadata.isEmpty { fields.merge(metadata) { own, _ in own } }
        sink.write(
            format.line(
                at: time.now, level: event.level, label: label, message: event.message.description,
                metadata: fields),
            // Of what goes as it should there may be thousands of lines in a second.
            mayWait: event.level <= .info)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
