// `download-service restore [FILE]`: puts a backup in the place of the database.

import SQLiteStore

/// Brings a proven backup back, while no service runs on the database.
enum RestoreCommand {
    /// Blocks, as it may: nothing else runs in this process.
    ///
    /// - Parameter path: `nil` takes the newest backup that is not damaged.
    static func run(from path: String?) async -> Int32 {
        guard let settings = ProcessEnvironment.settings() else {
            return ServiceProgram.Exit.configuration
        }
        let database = settings.databasePath
        do {
            _ = try DataFolder.openParent(ofDatabase: database)
            let claim = try DataFolder.claim(database: database)
            let restored = try withExtendedLifetime(claim) {
                try DatabaseBackups(of: database, in: settings.backupFolder)
                    .restore(path, at: SystemTime().now)
            }
            for damaged in restored.damaged {
                ServiceProgram.complain("Passed over, since it is damaged: \(damaged)\n")
            }
            if let aside = restored.aside {
                ServiceProgram.say("The former database is now \(aside)\n")
            }
            ServiceProgram.say(
                "Restored \(restored.backup) as \(database). Jobs submitted after that backup are "
                    + "not in it; submit them again. Files that are there already are not fetched "
                    + "again.\n")
            return ServiceProgram.Exit.success
        } catch {
            ServiceProgram.complain("Cannot restore \(database): \(error)\n")
            return ServiceProgram.Exit.failure
        }
    }
}
