// `download-service backup FILE`: a consistent copy of the database while the service writes to it.

import SQLite

/// Copies the database that the settings name, by SQLite's online backup, and proves the copy.
enum BackupCommand {
    static func run(to path: String) async -> Int32 {
        guard let settings = ProcessEnvironment.settings() else {
            return ServiceProgram.Exit.configuration
        }
        do {
            try OnlineBackup.copy(settings.databasePath, to: path)
            ServiceProgram.say("Backed up \(settings.databasePath) to \(path)\n")
            return ServiceProgram.Exit.success
        } catch {
            ServiceProgram.complain(
                "Cannot back up \(settings.databasePath) to \(path): \(error)\n")
            return ServiceProgram.Exit.failure
        }
    }
}
