// What the operator should know right after the start. It must not change anything.

import HTTPServer
import Logging

/// The first lines of the log: what is missing, then that requests are answered.
enum StartUpReport {
    static func log(_ settings: Settings, port: UInt16, to logger: Logger) {
        for warning in settings.warnings { logger.warning("\(warning)") }
        if settings.upstream.apiKey == nil {
            logger.warning(
                "TARDIS_API_KEY is not set: only the first day of each month can be had")
        }
        if settings.telegram == nil {
            logger.warning(
                "TELEGRAM_BOT_TOKEN is not set: nobody is told when jobs start, complete or fail")
        }
        if settings.apiToken == nil, settings.allowedUsers.isEmpty, !isLoopback(settings.host) {
            logger.warning(
                """
                NO ACCESS CONTROL: the service listens on \(settings.host) with neither API_TOKEN nor \
                ALLOWED_USERS, so everybody who reaches it can use the API key; set API_TOKEN
                """)
        }
        logger.info(
            "listening",
            metadata: [
                "host": "\(settings.host)", "port": .stringConvertible(Int(port)),
                "version": "\(ServiceVersion.current)", "data_root": "\(settings.dataRoot)",
                "database": "\(settings.databasePath)",
            ])
    }

    /// Why the service cannot start, with the variable to look at where a part cannot know it.
    static func words(for error: any Error) -> String {
        switch error {
        case ServerError.portTaken:
            "\(error). Is the service running already? End what listens there, or set API_PORT to "
                + "another port"
        case ServerError.unknownHost: "\(error). Set API_HOST to an address of this machine"
        default: "\(error)"
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}
