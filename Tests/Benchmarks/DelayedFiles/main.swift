// Serves a folder's files on 127.0.0.1, datasets only after a delay: an upstream that is far away.
//
//   DelayedFiles FOLDER DELAY_MS FIRST      prints its port
//
// When the first dataset is asked for and there is no file FIRST, the moment is written there, in
// seconds since 1970.

import Glibc
import HTTP
import HTTPServer
import Posix

struct DelayedFiles: Handler {
    let root: ConfinedFolder
    let delay: Duration
    let first: FirstMoment

    func respond(to request: Request) async -> Response {
        // Also those that are not there, as far as an upstream is from its clients.
        if request.path.hasSuffix(".csv.gz") {
            first.note()
            try? await ContinuousClock().sleep(for: delay, tolerance: .zero)
        }
        guard let path = Request.segments(of: request.path), let name = path.last, name != "",
            let folder = try? root.folder(path.dropLast().joined(separator: "/"), creating: false),
            let file = try? folder.regularFile(name)
        else { return Rejection(.notFound, "There is no such file.").response }
        return FileRepresentation(file).response(to: request)
    }
}

/// Writes down when it was told first since the file was removed.
struct FirstMoment: Sendable {
    let path: String

    func note() {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else { return }
        let text = "\(Double(WallClock.microseconds) / 1_000_000)\n"
        _ = text.utf8CString.withUnsafeBytes { write(file, $0.baseAddress, $0.count - 1) }
        close(file)
    }
}

guard CommandLine.arguments.count == 4, let delay = Int(CommandLine.arguments[2]) else {
    fatalError("DelayedFiles FOLDER DELAY_MS FIRST")
}
let files = DelayedFiles(
    root: try ConfinedFolder(root: CommandLine.arguments[1], creating: false),
    delay: .milliseconds(delay), first: FirstMoment(path: CommandLine.arguments[3]))
var settings = ServerSettings()
settings.port = 0
let server = HTTPServer(settings: settings, handler: files)
print(try server.start())
fflush(nil)
await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
