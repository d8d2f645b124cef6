// Command lines: the predecessor's and those of subcommands.

import APIClient
import APITypes
import ArgumentParser
import Curl
import TestSupport
import Testing

@testable import download_client

@Suite struct CommandLineTests {
    private func parse<Command>(_ line: String, as command: Command.Type) throws -> Command {
        let words = line.split(separator: " ").map(String.init)
        return try #require(try RootCommand.parseAsRoot(words) as? Command)
    }

    private func settings(
        _ line: String, _ variables: [String: String] = [:], account: String? = "account"
    ) throws -> APIClientSettings {
        let words = line.split(separator: " ").map(String.init)
        let options = try CommonOptions.parse(words)
        return try options.settings(in: ProcessEnvironment { variables[$0] }) { account }
    }

    @Test func `the predecessor's submission`() throws {
        let command = try parse(
            """
            --exchange binance --symbols BTC-USDT ETH-USDT --start-date 2024-01-01 \
            --end-date 2024-01-02
            """, as: LegacyFlags.self)
        #expect(try command.operation() == .submit)
        #expect(
            try command.request()
                == SubmitRequest(
                    exchange: "binance", symbols: ["BTC-USDT", "ETH-USDT"],
                    startDate: "2024-01-01", endDate: "2024-01-02", dataTypes: ["trades"]))
    }

    @Test func `the predecessor's submission with every flag, in another order`() throws {
        let command = try parse(
            """
            --data-types trades quotes --url http://h:1 --end-date=2024-01-02 \
            --output-path ./datasets/btc --symbols A --api-token t --start-date 2024-01-01 \
            --exchange deribit
            """, as: LegacyFlags.self)
        #expect(command.common.url == "http://h:1")
        #expect(command.common.apiToken == "t")
        #expect(
            try command.request()
                == SubmitRequest(
                    exchange: "deribit", symbols: ["A"], startDate: "2024-01-01",
                    endDate: "2024-01-02", dataTypes: ["trades", "quotes"],
                    outputPath: "./datasets/btc"))
    }

    @Test func `the predecessor's queries`() throws {
        #expect(try parse("--job-id 123", as: LegacyFlags.self).operation() == .show(123))
        let list = try parse("--list-jobs", as: LegacyFlags.self)
        #expect(try list.operation() == .list)
        #expect(list.limit == 20)
        #expect(try parse("--list-jobs --limit 5", as: LegacyFlags.self).limit == 5)
        #expect(try parse("--url http://h --list-jobs", as: LegacyFlags.self).operation() == .list)
        // The number of a job wins, as in the predecessor.
        #expect(try parse("--list-jobs --job-id 3", as: LegacyFlags.self).operation() == .show(3))
    }

    @Test func `an incomplete submission names what is missing`() throws {
        let command = try parse("--exchange binance --symbols A", as: LegacyFlags.self)
        let mistake = #expect(throws: UsageMistake.self) { try command.operation() }
        #expect(mistake?.message.contains("missing: --start-date, --end-date") == true)
    }

    @Test func `the subcommands`() throws {
        let submit = try parse(
            "submit --exchange e --symbols A B --start-date s --end-date t --watch",
            as: SubmitCommand.self)
        #expect(submit.watch)
        #expect(try submit.request.request().symbols == ["A", "B"])
        #expect(try submit.request.request().dataTypes == ["trades"])
        #expect(try parse("status 12", as: StatusCommand.self).jobID == 12)
        #expect(try parse("watch 12 --json", as: WatchCommand.self).common.json)
        let list = try parse(
            "list --limit 5 --offset 2 --status failed --exchange e --created-by bob",
            as: ListCommand.self)
        #expect(
            list.query
                == JobListQuery(limit: 5, offset: 2, status: "failed", user: "bob", exchange: "e"))
        #expect(try parse("list", as: ListCommand.self).query == JobListQuery(limit: 20))
        #expect(
            try parse("list -n 5 -s failed -e e -b bob", as: ListCommand.self).query
                == JobListQuery(limit: 5, status: "failed", user: "bob", exchange: "e"))
    }

    @Test(arguments: [
        "--url http://h:1 --json --user bob status 12",
        "status 12 --url http://h:1 --json --user bob",
        "--url http://h:1 status --json 12 --user bob",
    ])
    func `common options precede or follow the subcommand`(line: String) throws {
        let command = try parse(line, as: StatusCommand.self)
        #expect(command.common.url == "http://h:1")
        #expect(command.common.user == "bob")
        #expect(command.common.json)
    }

    @Test(arguments: [
        "status", "status x", "watch", "submit --exchange e", "list --limit x", "--job-id x",
        "--symbols", "--unknown", "unknown", "status 1 2",
    ])
    func `a mistake on the command line is a usage error`(line: String) {
        let words = line.split(separator: " ").map(String.init)
        let error = #expect(throws: (any Error).self) { try RootCommand.parseAsRoot(words) }
        #expect(error.map { RootCommand.exitCode(for: $0) } == .validationFailure)
    }

    @Test func `flags win over variables, variables over defaults`() throws {
        #expect(try settings("").address.url == "http://localhost:8000")
        let variables = [
            "DOWNLOAD_SERVICE_URL": "http://v:1", "API_TOKEN": "vt", "USER": "u", "LOGNAME": "l",
        ]
        let byVariables = try settings("", variables)
        #expect(byVariables.address.url == "http://v:1")
        #expect(byVariables.token == "vt")
        #expect(byVariables.user == "u")
        let byFlags = try settings("--url http://f:1 --api-token ft --user f", variables)
        #expect(byFlags.address.url == "http://f:1")
        #expect(byFlags.token == "ft")
        #expect(byFlags.user == "f")
        // A variable that is empty is not set.
        let empty = try settings("", ["DOWNLOAD_SERVICE_URL": "", "API_TOKEN": "", "USER": ""])
        #expect(empty.address.url == "http://localhost:8000")
        #expect(empty.token == nil)
    }

    @Test func `a token may come from a file, and certificates from variables`() throws {
        let folder = TemporaryFolder()
        let path = folder.path("token")
        writeFile(Array(" file-token\n".utf8), to: path)
        #expect(try settings("", ["API_TOKEN_FILE": path]).token == "file-token")
        #expect(try settings("--api-token ft", ["API_TOKEN_FILE": path]).token == "ft")
        for variables in [
            ["API_TOKEN_FILE": path, "API_TOKEN": "vt"], ["API_TOKEN_FILE": folder.path("none")],
            ["API_TOKEN_FILE": folder.path],
        ] {
            let mistake = #expect(throws: UsageMistake.self) { try settings("", variables) }
            #expect(mistake?.message.contains("API_TOKEN_FILE") == true)
        }
        writeFile(Array("two tokens\n".utf8), to: path)
        #expect(throws: UsageMistake.self) { try settings("", ["API_TOKEN_FILE": path]) }

        writeFile(
            Array("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".utf8), to: path)
        let url = "--url https://data.example"
        #expect(try settings(url, ["SSL_CERT_FILE": path]).trust.file == path)
        #expect(try settings(url, ["TLS_CA_FILE": path]).trust.file == path)
        #expect(try settings(url).trust == CertificateTrust())
        for name in ["SSL_CERT_FILE", "TLS_CA_FILE", "SSL_CERT_DIR"] {
            let variables = [name: folder.path("none")]
            let mistake = #expect(throws: UsageMistake.self) { try settings(url, variables) }
            #expect(mistake?.message.hasPrefix("\(name): ") == true)
            // Without TLS they are ignored.
            #expect(try settings("--url http://data.example", variables).token == nil)
        }
    }

    @Test func `finds the user's name, or asks for it`() throws {
        #expect(try settings("", ["LOGNAME": "l"]).user == "l")
        #expect(try settings("").user == "account")
        let mistake = #expect(throws: UsageMistake.self) { try settings("", account: nil) }
        #expect(mistake?.message.contains("--user NAME") == true)
        #expect(throws: UsageMistake.self) { try settings("", ["USER": "a\r\nX-API-Token: b"]) }
        #expect(throws: UsageMistake.self) { try settings("", ["API_TOKEN": "a\nb"]) }
    }

    @Test func `a wrong URL names its flag or variable, but no secret`() throws {
        let flag = #expect(throws: UsageMistake.self) { try settings("--url localhost:8000") }
        #expect(flag?.message.hasPrefix("--url: ") == true)
        let variable = #expect(throws: UsageMistake.self) {
            try settings("", ["DOWNLOAD_SERVICE_URL": "http://me:secret@h"])
        }
        #expect(variable?.message.hasPrefix("DOWNLOAD_SERVICE_URL: ") == true)
        #expect(variable?.message.contains("secret") == false)
    }
}
