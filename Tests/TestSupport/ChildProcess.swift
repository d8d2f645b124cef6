// A program under test in a process of its own.

import CLinux
import Dispatch
import Glibc
import Synchronization

/// A running program. The test that starts it also ends it.
package final class ChildProcess: Sendable {
    package struct CannotStart: Error {
        package let path: String
        package let code: Int32
    }

    private struct State {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var status: Int32?
        /// Pipes that may still hold output from before its end.
        var pipesOpen = 2
    }

    package let pid: Int32
    private let state = Mutex(State())

    private typealias AddCloseFrom =
        @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

    /// Of glibc since 2.34; its Swift module does not have it.
    private static let addCloseFrom = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
        unsafeBitCast($0, to: AddCloseFrom.self)
    }

    /// - Parameters:
    ///   - environment: the whole environment; only the variables of a run under a sanitizer are
    ///     inherited.
    ///   - folder: the working directory.
    package init(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:],
        in folder: String = "/"
    ) throws {
        var output: [Int32] = [0, 0]
        var errors: [Int32] = [0, 0]
        pipe2(&output, O_CLOEXEC)
        pipe2(&errors, O_CLOEXEC)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO)
        // Descriptors of other tests would keep their ports and files open there.
        _ = ChildProcess.addCloseFrom?(&actions, STDERR_FILENO + 1)

        // The shell only changes the folder; exec keeps its process id for the program.
        let shell = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder, path]
        let argv = (shell + arguments).map { strdup($0) }
        // Only LD_PRELOAD may also be set by a test, and it takes several libraries.
        let inherited = ChildProcess.sanitizerEnvironment.merging(environment) { "\($1):\($0)" }
        let envp = inherited.map { strdup("\($0.key)=\($0.value)") }
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/bin/sh", &actions, nil, argv + [nil], envp + [nil])
        close(output[1])
        close(errors[1])
        guard code == 0 else {
            close(output[0])
            close(errors[0])
            throw CannotStart(path: path, code: code)
        }
        self.pid = pid
        read(output[0], into: \.output)
        read(errors[0], into: \.errors)
        let child = pid
        DispatchQueue(label: "wait").async { [self] in
            var status: Int32 = 0
            while waitpid(child, &status, 0) == -1, errno == EINTR {}
            state.withLock { $0.status = status }
        }
    }

    /// See `.make/sanitize`.
    private static let sanitizerEnvironment: [String: String] = {
        guard getenv("SANITIZER") != nil else { return [:] }
        var found: [String: String] = [:]
        for name in ["LD_PRELOAD", "TSAN_OPTIONS", "ASAN_OPTIONS", "LSAN_OPTIONS"] {
            if let value = getenv(name) { found[name] = String(cString: value) }
        }
        return found
    }()

    /// Its standard output so far.
    package var output: String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }
    /// Its standard error so far.
    package var errors: String { state.withLock { String(decoding: $0.errors, as: UTF8.self) } }

    /// Its exit code, or minus the signal that ended it; `nil` while it runs.
    package var exitCode: Int32? {
        state.withLock { state in
            state.status.map { $0 & 0x7F == 0 ? ($0 >> 8) & 0xFF : -($0 & 0x7F) }
        }
    }

    /// Whether it has ended and all its output has been read.
    private var hasEnded: Bool {
        state.withLock { $0.status != nil && $0.pipesOpen == 0 }
    }

    package func send(_ signal: Int32) {
        if exitCode == nil { kill(pid, signal) }
    }

    /// Waits for its end and for the last of its output; kills it at the deadline.
    ///
    /// - Returns: the exit code, or `nil` when it had to be killed.
    @discardableResult
    package func waitForExit(within limit: Duration = .seconds(20)) async -> Int32? {
        if await eventually(within: limit, { self.hasEnded }) { return exitCode }
        send(SIGKILL)
        _ = await eventually(within: .seconds(5)) { self.hasEnded }
        return nil
    }

    private func read(
        _ descriptor: Int32, into buffer: any WritableKeyPath<State, [UInt8]> & Sendable
    ) {
        DispatchQueue(label: "read").async { [self] in
            var bytes = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = Glibc.read(descriptor, &bytes, bytes.count)
                guard count > 0 else { break }
                state.withLock { $0[keyPath: buffer] += bytes[..<count] }
            }
            close(descriptor)
            state.withLock { $0.pipesOpen -= 1 }
        }
    }
}

/// The programs of this package, where the build put them.
package enum BuiltProgram {
    /// The path of a program that was built along with the tests.
    package static func path(_ name: String) -> String {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let runner = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
        return runner.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/") + "/" + name
    }
}

/// Whether a sanitizer is built in. It reserves memory, so the memory of a process is no figure
/// then.
package let isSanitized =
    dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
