// Serves the files of a folder: a program of its own around HTTPServer, which shows that the server
// needs nothing else of this project. Benchmarks measure it.
//
//   FileServerExample FOLDER [PORT]      without a port the kernel chooses one

import Glibc
import HTTP
import HTTPServer
import Posix

struct Files: Handler {
    let root: ConfinedFolder

    func respond(to request: Request) async -> Response {
        // Opening looks at names in memory: nothing that a loop would have to wait for, mostly.
        guard let path = Request.segments(of: request.path), let name = path.last, name != "",
            let folder = try? root.folder(path.dropLast().joined(separator: "/"), creating: false),
            let file = try? folder.regularFile(name)
        else { return Rejection(.notFound, "There is no such file.").response }
        return FileRepresentation(file).response(to: request)
    }
}

guard CommandLine.arguments.count > 1 else { fatalError("FileServerExample FOLDER [PORT]") }
var settings = ServerSettings()
settings.port = CommandLine.arguments.dropFirst(2).first.flatMap { UInt16($0) } ?? 0
let root = try ConfinedFolder(root: CommandLine.arguments[1], creating: false)
let server = HTTPServer(settings: settings, handler: Files(root: root))
print("listening on port \(try server.start())")
// A pipe or a file would get the line only in the end.
fflush(nil)
await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
