// The scripts of `make`, run in folders of their own: prompts, files and exit codes.

import APITypes
import Glibc
import ServiceSupport
import Synchronization
import TestSupport
import Testing

@Suite struct ScriptTests {
    let folder = TemporaryFolder()

    private func run(_ script: String, in folder: String? = nil) async throws -> ChildProcess {
        let process = try ChildProcess(
            "/bin/bash", ["-euc", script, ProjectFolder.root],
            environment: ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            in: folder ?? self.folder.path)
        _ = await process.waitForExit(within: .seconds(60))
        return process
    }

    private func mode(_ name: String) -> UInt32? {
        var status = stat()
        return stat(folder.path(name), &status) == 0 ? status.st_mode & 0o777 : nil
    }

    @Test func `setup prompts on a terminal, echoes no secret and makes a private .env`()
        async throws
    {
        let terminal = try Terminal()
        _ = try await run(#"cp "$0/setup.sh" "$0/.env.example" ."#)
        let setup = try ChildProcess(
            "/bin/bash", ["-c", "umask 022; exec ./setup.sh <\"$0\" >\"$0\" 2>&1", terminal.path],
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"], in: folder.path)
        let answers = [
            ("Tardis API key", "TD.secret-key", true), ("bot token", "", true),
            ("chat id", "", false), ("everybody may", "alice, 'bob'", false),
            ("Token that clients", #"it's"a\to$ken`# of ours"#, true),
        ]
        for (question, answer, isSecret) in answers {
            #expect(
                await eventually {
                    terminal.text.contains(question) && terminal.isEchoing != isSecret
                }, "\(question): \(terminal.text)")
            #expect(mode(".env") == 0o600)
            terminal.type(answer + "\n")
        }
        #expect(await setup.waitForExit() == 0, "\(terminal.text)")
        #expect(await eventually { terminal.text.contains("created from .env.example") })
        #expect(terminal.text.contains("alice") && !terminal.text.contains("secret"))
        #expect(!terminal.text.contains("of ours"))
        #expect(mode(".env") == 0o600 && mode(".env.new") == nil)
        let written = try await run("grep -v '^#' .env | grep .")
        #expect(
            written.output == #"""
                TARDIS_API_KEY=TD.secret-key
                ALLOWED_USERS="alice, 'bob'"
                API_TOKEN="it's\"a\\to\$ken\`# of ours"

                """#)
    }

    @Test func `setup makes a readable .env private and says so`() async throws {
        let first = try await run(
            #"cp "$0/setup.sh" .; echo A=1 >.env; chmod 644 .env; ./setup.sh"#)
        #expect(first.exitCode == 0)
        #expect(first.output.contains("its mode was 644 and is now 600"), "\(first.output)")
        #expect(mode(".env") == 0o600)
        let second = try await run("./setup.sh; cat .env")
        #expect(second.output.contains("left as it is") && second.output.hasSuffix("A=1\n"))
    }

    /// The commands of the scripts, without a container engine.
    private static let withoutEngine = """
        mkdir bin
        for name in bash basename dirname grep id realpath sed stat tr; do
            ln -s "$(command -v $name)" bin/$name
        done
        mkdir -p .build/debug; cp -r "$0/.make" .
        """

    @Test func `backs up and restores the database of make run`() async throws {
        let installation = try await Installation(settings: ["JOB_RETENTION_DAYS": "0"])
        let program = BuiltProgram.path("download-service")
        let prepared = try await run(
            "\(ScriptTests.withoutEngine)\nln -s '\(program)' .build/debug/",
            in: installation.root)
        #expect(prepared.exitCode == 0, "\(prepared.errors)")
        func script(_ name: String) async throws -> ChildProcess {
            try await run("PATH=$PWD/bin .make/\(name)", in: installation.root)
        }
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01")
        _ = try await service.end(of: answer.jobID)
        let backup = try await script("backup-db")
        #expect(backup.exitCode == 0, "\(backup.errors)")

        let early = try await script("restore-db")
        #expect(early.exitCode == 1)
        #expect(early.errors.contains("process \(service.process.pid) is using the database"))
        #expect(await service.stop() == 0)
        writeFile(Array("this is no database".utf8), to: installation.database)
        let missing = try await script("restore-db data/nothing.db")
        #expect(missing.exitCode == 1)
        let restore = try await script("restore-db")
        #expect(restore.exitCode == 0, "\(restore.errors)")
        let second = try await installation.startService()
        #expect(try await second.job(answer.jobID).status == "completed")
        #expect(await second.stop() == 0)
    }

    @Test(arguments: [
        "", "✘ Test run with 3 tests in 1 suite failed after 1 seconds with 1 issue.\n",
        "error: Exited with unexpected signal code 4\n",
    ])
    func `lists failed tests at the end with their records`(end: String) async throws {
        let log = """
            ◇ Test "a" started.
            ◇ Test "b" started.
            ◇ Test c() started.
            ✘ Test "a" recorded an issue at A.swift:1:2: Expectation failed: x == y
            ↳ a comment
            ✔ Test "b" with 2 test cases passed after 0.1 seconds.
            what a program under test says
            ✘ Test "a" failed after 0.1 seconds with 1 issue.
            ✘ Suite A failed after 0.1 seconds with 1 issue.

            """
        let ended = end.contains("Test run with")
        let told = try await run("printf '%s' '\(log + end)' >log; \"$0/.ci/failures\" log")
        let expected = [
            ended ? "" : "The tests did not end.\n  under way: c()\n",
            """
            ✘ Test "a" recorded an issue at A.swift:1:2: Expectation failed: x == y
            ↳ a comment
            ✘ Test "a" failed after 0.1 seconds with 1 issue.

            """,
            end.contains("error:") ? end : "",
        ]
        #expect(told.output == expected.joined())
    }

    @Test func `lists many failed tests in a hundred lines`() async throws {
        let told = try await run(
            #"""
            for i in $(seq 150); do echo "✘ Test t$i() failed after 1 seconds with 1 issue."; done >log
            echo "✘ Test run with 150 tests failed after 1 seconds with 150 issues." >>log
            "$0/.ci/failures" log
            """#)
        #expect(told.output.split(separator: "\n").count == 101)
        #expect(told.output.hasSuffix("… and 50 lines more\n"))
    }

    @Test func `scripts fail with a message without an engine or a program`() async throws {
        let prepared = try await run(ScriptTests.withoutEngine)
        #expect(prepared.exitCode == 0, "\(prepared.errors)")
        let asked = [
            ("backup-db", "make build"), ("restore-db", "make build"), ("start", "make run"),
            ("start --as-built", "make run"), ("stop", "make run"), ("container logs", "make run"),
            ("inside true", "make run"), ("symbols", "make run"),
        ]
        for (script, advice) in asked {
            let process = try await run("PATH=$PWD/bin .make/\(script)")
            #expect(process.exitCode != 0, "\(script)")
            #expect(process.errors.contains(advice), "\(script): \(process.errors)")
        }
    }
}

/// The keyboard and the screen of a program under test.
private final class Terminal: Sendable {
    let path: String
    private let number: Int32

    init() throws {
        number = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        // ioctl_tty(2): TIOCSPTLCK unlocks it, TIOCGPTN returns its number.
        var (locked, device): (Int32, Int32) = (0, 0)
        try #require(number >= 0)
        try #require(ioctl(number, 0x4004_5431, &locked) == 0)
        try #require(ioctl(number, 0x8004_5430, &device) == 0)
        path = "/dev/pts/\(device)"
    }

    deinit { close(number) }

    private let shown = Mutex<[UInt8]>([])

    /// The output so far.
    var text: String {
        shown.withLock { shown in
            var part = [UInt8](repeating: 0, count: 4_096)
            while case let count = read(number, &part, part.count), count > 0 {
                shown += part[..<count]
            }
            return String(decoding: shown, as: UTF8.self)
        }
    }

    /// Whether input is echoed.
    var isEchoing: Bool {
        var settings = termios()
        return tcgetattr(number, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(write(number, bytes, bytes.count) == bytes.count)
    }
}
