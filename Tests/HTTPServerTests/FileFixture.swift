// A folder of files, served: what the tests of file bodies have in common.

import Glibc
import HTTP
import HTTPServer
import Posix
import TestSupport

/// Files that lie in a folder of their own.
final class FileFixture: Sendable {
    let folder = TemporaryFolder()

    /// Writes a file of bytes of which any that are exchanged or repeated are noticed.
    @discardableResult
    func write(_ name: String, bytes count: Int) -> [UInt8] {
        // Made from one piece, and each page of it stamped: large files must not take the time
        // that other tests run in.
        let pageBytes = 4096
        var random = SystemRandomNumberGenerator()
        let page = (0..<pageBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + pageBytes)
        while bytes.count < count {
            let number = bytes.count / pageBytes
            bytes += page
            for shift in 0..<3 {
                bytes[number * pageBytes + shift] = UInt8(truncatingIfNeeded: number >> (8 * shift))
            }
        }
        bytes.removeLast(bytes.count - count)
        let file = open(folder.path(name), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(file) }
        var written = 0
        while written < count {
            let step = bytes[written...].withUnsafeBytes {
                Glibc.write(file, $0.baseAddress, $0.count)
            }
            precondition(step > 0, "the disk is full")
            written += step
        }
        return bytes
    }

    /// Sets a file's date, in seconds since 1970-01-01 00:00 UTC.
    func date(_ name: String, seconds: Int) {
        let time = timespec(tv_sec: seconds, tv_nsec: 0)
        utimensat(AT_FDCWD, folder.path(name), [time, time], 0)
    }

    func shorten(_ name: String, to count: Int) {
        truncate(folder.path(name), off_t(count))
    }

    /// How many descriptors of this process are open on a file of the folder.
    func openCount(_ wanted: String) -> Int {
        guard let stream = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(stream) }
        var count = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var target = [CChar](repeating: 0, count: 4096)
            let length = readlink("/proc/self/fd/\(name)", &target, target.count)
            let path = target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
            if path.elementsEqual(folder.path(wanted).utf8) { count += 1 }
        }
        return count
    }

    /// Serves the files, each under its name.
    func serve(
        _ settings: ServerSettings = ServerSettings(), observer: RecordingObserver? = nil,
        tag: EntityTag? = nil, _ test: (_ port: UInt16, _ server: HTTPServer) async throws -> Void
    ) async throws {
        let root = try ConfinedFolder(root: folder.path, creating: false)
        let handler: @Sendable (Request) async -> Response = { request in
            guard let file = try? root.regularFile(String(request.path.dropFirst())) else {
                return Rejection(.notFound, "There is no such file.").response
            }
            let representation = FileRepresentation(
                file, entityTag: tag, headers: Headers(["Content-Type": "text/csv"]))
            return representation.response(to: request)
        }
        try await withServer(settings, observer: observer, answering: handler, test)
    }
}

/// Whether both are the same, told faster than by `==` without optimisation.
func areSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count
        && left.withUnsafeBytes { left in
            right.withUnsafeBytes { memcmp(left.baseAddress!, $0.baseAddress!, left.count) == 0 }
        }
}
