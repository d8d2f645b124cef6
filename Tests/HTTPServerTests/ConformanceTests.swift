// The server against three thousand raw requests, with what RFC 9110 and 9112 and a hardened
// server's strictness allow as answers. The cases lie beside the repository.

import Dispatch
import Glibc
import HTTP
import HTTPServer
import Testing

@Suite struct ConformanceTests {
    /// The cases' runner, `nil` where they are not installed.
    static let runner: String? = {
        guard let file = realpath(#filePath, nil) else { return nil }
        defer { free(file) }
        let root = String(cString: file).split(separator: "/").dropLast(4).joined(separator: "/")
        let path = "/\(root)/shared/http-cases/run.py"
        return access(path, R_OK) == 0 ? path : nil
    }()

    @Test(.enabled(if: runner != nil, "the cases are not installed"))
    func `passes every case, strictly`() async throws {
        let runner = try #require(ConformanceTests.runner)
        try await withServer(answering: sampleSite) { port, _ in
            let output = try await run([
                "python3", runner, "127.0.0.1", String(port), "--path", "/health", "--strict",
            ])
            #expect(
                output.contains("failures at MUST level: 0; in message framing: 0"), "\(output)")
            #expect(output.contains(" passed, 0 failed"), "\(output)")
        }
    }

    /// A site of one page.
    private func sampleSite(_ request: Request) async -> Response {
        guard request.path == "/health" else {
            return Rejection(.notFound, "Not Found").response
        }
        guard request.method == .get || request.method == .head else {
            var response = Rejection(.methodNotAllowed, "Method Not Allowed").response
            response.headers.set("Allow", "GET, HEAD")
            return response
        }
        return text("healthy\n")
    }

    /// Runs a program and returns what it printed.
    private func run(_ arguments: [String]) async throws -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "program").async {
                continuation.resume(returning: Self.output(of: arguments))
            }
        }
    }

    private static func output(of arguments: [String]) -> String {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return "" }
        // Other tests start programs too, which must not hold this pipe open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        let result = posix_spawnp(&child, arguments[0], &actions, nil, &words, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard result == 0 else { return "cannot start \(arguments[0])" }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(ends[0], &buffer, buffer.count), count > 0 {
            output += buffer[..<count]
        }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        return String(decoding: output, as: UTF8.self)
    }
}
