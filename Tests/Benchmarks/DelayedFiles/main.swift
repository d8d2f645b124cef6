// Serves a folder's files on 127.0.0.1, datasets only after a delay: an upstream that is far away.
//
//   DelayedFiles FOLDER DELAY_MS FIRST      prints its port
//
// When the first dataset is asked for, the moment is written to the file FIRST, in seconds since
// 1970.

import Glibc
import HTTP
import HTTPServer
import Posix
import Synchronization

struct DelayedFiles: Handler {
    let root: ConfinedFolder
    let delay: Duration
    let first: FirstMoment

    func respond(to request: Request) async -> Response {
        // Also those that are not there, as far as an upstream is from its clients.
        if request.path.hasSuffix(".csv.gz") {
            first.note()
            try? await Task.sleep(for: delay, tolerance: .zero)
        }
        guard let path = Request.segments(of: request.path), let name = path.last, name != "",
            let folder = try? root.folder(path.dropLast().joined(separator: "/"), creating: false),
            let file = try? folder.regularFile(name)
        else { return Rejection(.notFound, "There is no such file.").response }
        return FileRepresentation(file).response(to: request)
    }
}

/// Writes down when it was told first.
final class FirstMoment: Sendable {
    private let isNoted = Atomic(false)
    private let path: String

    init(_ path: String) {
        self.path = path
    }

    func note() {
        guard !isNoted.exchange(true, ordering: .relaxed), let file = fopen(path, "w") else {
            return
        }
        fputs("\(Double(WallClock.microseconds) / 1_000_000)\n", file)
        fclose(file)
    }
}

guard CommandLine.arguments.count == 4, let delay = Int(CommandLine.arguments[2]) else {
    fatalError("DelayedFiles FOLDER DELAY_MS FIRST")
}
let files = DelayedFiles(
    root: try ConfinedFolder(root: CommandLine.arguments[1], creating: false),
    delay: .milliseconds(delay), first: FirstMoment(CommandLine.arguments[3]))
var settings = ServerSettings()
settings.port = 0
let server = HTTPServer(settings: settings, handler: files)
print(try server.start())
fflush(nil)
await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
