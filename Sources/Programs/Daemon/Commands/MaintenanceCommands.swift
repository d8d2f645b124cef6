// The commands `backup`, `restore` and `confirm-data-root`, which an operator runs on the machine.

import Dispatch
import Jobs
import Queue
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

/// The same as `POST /settings/data-root/confirm`, on the machine and without the API.
enum ConfirmDataRootCommand {
    static func run() async -> Int32 {
        guard let settings = ProcessEnvironment.settings() else {
            return ServiceProgram.Exit.configuration
        }
        let root = DataRootMonitor(
            path: settings.dataRoot, queue: DispatchQueue(label: "disk"))
        do {
            let marker = try await root.mark()
            let store = try SQLiteJobStore(path: settings.databasePath, readers: 1)
            defer { store.close() }
            try await store.note(
                .dataRootConfirmed, about: .service, by: .service,
                detail: "\(root.location), confirmed on the machine",
                setting: [
                    DataRootRecord.key: DataRootRecord(marker, at: root.location).text
                ], at: SystemTime().now)
            ServiceProgram.say(
                "Confirmed \(root.location). A service that runs goes on within seconds.\n")
            return ServiceProgram.Exit.success
        } catch let refusal as StorageRefusal {
            ServiceProgram.complain(
                "Cannot write to \(root.location) (DEFAULT_OUTPUT_PATH): \(refusal.reason)\n")
        } catch {
            ServiceProgram.complain("Cannot confirm \(root.location): \(error)\n")
        }
        return ServiceProgram.Exit.failure
    }
}
