// `download-service backup FILE`: a consistent copy of the database while the service writes to it.

import JobStore

/// Copies the database that the settings name, and proves the copy.
enum BackupCommand {
    /// Blocks, as it may: nothing else runs in this process.
    static func run(to path: String) async -> Int32 {
        guard let settings = ProcessEnvironment.settings() else {
            return ServiceProgram.Exit.configuration
        }
        do {
            try SQLiteJobStore.backUp(settings.databasePath, to: path)
            ServiceProgram.say("Backed up \(settings.databasePath) to \(path)\n")
            return ServiceProgram.Exit.success
        } catch {
            ServiceProgram.complain(
                "Cannot back up \(settings.databasePath) to \(path): \(error)\n")
            return ServiceProgram.Exit.failure
        }
    }
}
