// `download-service config` and the scripts that use it: one reader of `.env` for all.

import APITypes
import Glibc
import ServiceSupport
import TestSupport
import Testing

@Suite struct ConfigTests {
    let folder = TemporaryFolder()

    private func config(
        _ arguments: [String], env file: String? = nil, environment: [String: String] = [:],
        through shell: String? = nil
    ) async throws -> ChildProcess {
        if let file { writeFile(Array(file.utf8), to: folder.path(".env")) }
        let program = BuiltProgram.path("download-service")
        let process =
            if let shell {
                try ChildProcess(
                    "/bin/sh", ["-c", shell, program] + arguments, environment: environment,
                    in: folder.path)
            } else {
                try ChildProcess(
                    program, ["config"] + arguments, environment: environment, in: folder.path)
            }
        _ = await process.waitForExit()
        return process
    }

    @Test func `a shell reads the export as the service reads .env`() async throws {
        let token = #"a'b"c$HOME`id`\d-#-e"#
        let written = #""a'b\"c\$HOME\`id\`\\d-#-e""#
        let shell = #"eval "$("$0" config --export)" && printf '%s|%s' "$API_TOKEN" "$LOG_LEVEL""#
        let process = try await config(
            [], env: "\u{FEFF} api_token = \(written) # it's ours\r\nLOG_LEVEL='debug'\r\n",
            environment: ["API_PORT": "1", "PATH": "/usr/bin:/bin"], through: shell)
        #expect(process.output == "\(token)|debug", "\(process.errors)")
    }

    @Test(arguments: ["pa$$word", #"ab\cd"#, "$name", "${x}", "`id`", "a\"b", "$(id)", "a#b"])
    func `a secret between single quotation marks is taken as it stands`(
        secret: String
    ) async throws {
        let shell = #"eval "$("$0" config --export)" && printf %s "$TARDIS_API_KEY""#
        let process = try await config(
            [], env: "TARDIS_API_KEY='\(secret)'\n", environment: ["PATH": "/usr/bin:/bin"],
            through: shell)
        #expect(process.output == secret, "\(process.errors)")
    }

    @Test func `what a shell would replace in .env ends with 78, and no value is shown`()
        async throws
    {
        let process = try await config(
            [], env: "LOG_LEVEL=info\nAPI_TOKEN=pa$$word-secret\nTARDIS_API_KEY=ab\\secret\n")
        #expect(process.exitCode == 78)
        for begin in [".env line 2: API_TOKEN: ", ".env line 3: TARDIS_API_KEY: "] {
            #expect(process.errors.contains(begin), "\(process.errors)")
        }
        #expect(process.errors.contains("between single quotation marks, as in NAME='value'"))
        #expect(!process.errors.contains("secret"))
    }

    @Test func `exports the given variables of the environment, which win over .env`() async throws
    {
        let process = try await config(
            ["--export", "api_token"], env: "API_TOKEN=from-the-file\nLOG_LEVEL=debug\n",
            environment: ["Api_Token": "from-the-environment", "LOG_LEVEL": "info"])
        #expect(process.exitCode == 0, "\(process.errors)")
        #expect(
            process.output == "API_TOKEN=\"from-the-environment\"\nLOG_LEVEL=\"debug\"\n")
    }

    @Test func `leaves secret files and ~ to the service`()
        async throws
    {
        let file = "API_TOKEN_FILE=/run/secrets/api_token\nDEFAULT_OUTPUT_PATH=~/datasets\n"
        let process = try await config(["--export"], env: file, environment: ["HOME": "/home/a"])
        #expect(process.exitCode == 0, "\(process.errors)")
        #expect(process.output.contains("API_TOKEN_FILE=\"/run/secrets/api_token\"\n"))
        #expect(process.output.contains("DEFAULT_OUTPUT_PATH=\"~/datasets\"\n"))
    }

    @Test func `reports mistakes without secrets and exports nothing`() async throws {
        let process = try await config(
            ["--export"], env: "API_TOKEN='abc\nAPI_PORT=99999\nTARDIS_API_KEY=a b\n")
        #expect(process.exitCode == 78)
        #expect(process.output.isEmpty)
        #expect(process.errors.contains("3 mistakes"), "\(process.errors)")
        #expect(process.errors.contains(".env line 1: API_TOKEN"))
        #expect(!process.errors.contains("abc") && !process.errors.contains("a b"))
    }

    @Test func `prints settings by name, but no secret`() async throws {
        let file = "export api_port = 9000\nAPI_TOKEN=abc-abc-abc-abc-abc\n"
        let port = try await config(["API_PORT", "SERVICE_USER"], env: file)
        #expect(port.output == "API_PORT=9000\n")
        for name in ["API_TOKEN", "admin_token", "telegram_bot_token", "HTTPS_PROXY"] {
            let refused = try await config(["API_PORT", name])
            #expect(refused.exitCode == 64)
            #expect(refused.output.isEmpty && !refused.errors.contains("abc"))
        }
    }

    @Test func `a failed write is a failure`() async throws {
        let process = try await config(
            [], env: "API_TOKEN=abc\n", through: #""$0" config --export >/dev/full"#)
        #expect(process.exitCode == 1)
        #expect(process.errors.contains("cannot be written"))
    }

    @Test func `writes no secrets to a terminal`() async throws {
        let process = try await config(
            [], env: "API_TOKEN=abc-abc-abc-abc-abc\n", environment: ["PATH": "/usr/bin:/bin"],
            through: #"script -qec "$0 config --export" /dev/null"#)
        #expect(process.exitCode == 64, "\(process.output)")
        #expect(process.output.contains("not to a terminal"))
        #expect(!process.output.contains("abc"))
    }

    @Test func `reads a proxy from .env`() async throws {
        let installation = try await Installation(settings: [
            "TARDIS_API_URL": "http://tardis.test/v1",
            "TARDIS_DATASETS_URL": "http://tardis.test/v1",
        ])
        let file = "HTTP_PROXY = \(installation.upstream.url) # of the house\n"
        writeFile(Array(file.utf8), to: "\(installation.root)/.env")
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01")
        #expect(try await service.end(of: answer.jobID).status == "completed")
        #expect(await service.stop() == 0)
    }
}
