// `download-service backup [FILE]`: a consistent copy of the database while the service writes to
// it.

import SQLiteStore

/// Copies the database that the settings name, and proves the copy.
enum BackupCommand {
    /// Blocks, as it may: nothing else runs in this process.
    ///
    /// - Parameter path: `nil` takes a new name in the folder of backups.
    static func run(to path: String?) async -> Int32 {
        guard let settings = ProcessEnvironment.settings() else {
            return ServiceProgram.Exit.configuration
        }
        do {
            let target: String
            if let path {
                try SQLiteJobStore.backUp(settings.databasePath, to: path)
                target = path
            } else {
                target = try DatabaseBackups(of: settings.databasePath, in: settings.backupFolder)
                    .backUpNow(at: SystemTime().now)
            }
            ServiceProgram.say("Backed up \(settings.databasePath) to \(target)\n")
            return ServiceProgram.Exit.success
        } catch {
            ServiceProgram.complain(
                "Cannot back up \(settings.databasePath) to \(path ?? settings.backupFolder): "
                    + "\(error)\n")
            return ServiceProgram.Exit.failure
        }
    }
}
