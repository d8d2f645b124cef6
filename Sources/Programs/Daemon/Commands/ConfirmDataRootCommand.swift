// `download-service confirm-data-root`: takes the data root that is there now for the right one,
// while the service runs or not.

import Dispatch
import Jobs
import Queue
import SQLiteStore

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
                .dataRootConfirmed, by: .service,
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
