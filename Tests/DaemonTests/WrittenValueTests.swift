// Texts that a shell, Docker or a library would have read otherwise than they stand.

import Logging
import Posix
import TestSupport
import Testing

@testable import Daemon

@Suite struct WrittenValueTests {
    private func settings(
        _ environment: [String: String], file: String? = nil
    ) throws -> Settings {
        try SettingsReader.settings(environment: environment, file: file)
    }

    private func mistakes(_ environment: [String: String]) -> [String] {
        do {
            _ = try settings(environment)
            return []
        } catch let error as SettingsError {
            return error.mistakes
        } catch {
            return ["\(error)"]
        }
    }

    @Test(arguments: [
        ("~/data", "/home/quant/data"), ("~", "/home/quant"), ("$HOME/d", "/home/quant/d"),
        ("${HOME}/d", "/home/quant/d"), ("$HOME", "/home/quant"), ("/srv/~x", "/srv/~x"),
        ("/srv/tick data/é", "/srv/tick data/é"), ("/srv/US$ 5", "/srv/US$ 5"),
        ("\"/srv/x\"", "/srv/x"), ("'./y'", "./y"), ("../shared/", "../shared/"),
    ])
    func `a path means what a shell would make of it`(written: String, path: String) throws {
        let environment = [
            "HOME": "/home/quant", "DEFAULT_OUTPUT_PATH": written, "BACKUP_FOLDER": written,
            "LOG_FILE": written,
        ]
        let settings = try settings(environment)
        #expect(settings.dataRoot == path)
        #expect(settings.backupFolder == path)
        #expect(settings.log.file == path)
    }

    @Test(arguments: [
        "~bob/data", "$DATA/x", "/srv/$USER", "${HOME:-/x}/y", "$(pwd)/x", "/srv/`id`", "$HOMER/x",
        #"/srv/my\ data"#, #"C:\data"#, "file:///srv/x", "file:x", "s3://bucket/x", "\"/srv/x",
        "/srv/x'", "/srv/a\u{1}b", "/srv/\u{FFFD}", "/srv/\u{200B}x", "/srv/a\nb",
        "/" + String(repeating: "a", count: 256),
    ])
    func `a path that would be taken otherwise is refused`(written: String) {
        for name in ["DEFAULT_OUTPUT_PATH", "BACKUP_FOLDER", "LOG_FILE", "DATABASE_URL"] {
            let found = mistakes(["HOME": "/home/quant", name: written])
            #expect(found.count == 1, "\(name): \(found)")
            #expect(found.first?.hasPrefix("\(name): ") == true)
        }
    }

    @Test func `a home folder is not invented`() {
        #expect(mistakes(["DEFAULT_OUTPUT_PATH": "~/x"]).first?.contains("HOME") == true)
    }

    @Test func `a data folder too long for a job's record is refused at the start`() {
        let long =
            "/srv/"
            + [String](repeating: String(repeating: "a", count: 60), count: 5)
            .joined(separator: "/")
        #expect(mistakes(["DEFAULT_OUTPUT_PATH": long]).count == 1)
    }

    @Test(arguments: [
        ("sqlite:///~/jobs.db", "/home/quant/jobs.db"), ("SQLite:///x.db", "x.db"),
        ("sqlite+pysqlite:////srv/x.db", "/srv/x.db"), ("./a:b.db", "./a:b.db"),
        ("\"data/jobs.db\"", "data/jobs.db"), ("$HOME/jobs.db", "/home/quant/jobs.db"),
    ])
    func `a database URL is understood`(url: String, path: String) throws {
        #expect(
            try settings(["HOME": "/home/quant", "DATABASE_URL": url]).databasePath == path)
    }

    @Test(arguments: [
        "file:/srv/x.db", "file:x.db", "file:///srv/x.db?mode=ro", "FILE:x.db", "jdbc:sqlite:x.db",
        "jdbc:sqlite:/srv/x.db", "postgres://db/jobs", "sqlite3:///x.db", "sqlite:x.db",
        "sqlite:///x.db?mode=ro", "x.db?mode=memory", "sqlite:///my%20data.db", "my%20data.db",
        "sqlite:////~/x.db", "sqlite:////~", "\u{201C}x.db\u{201D}",
        "data/" + String(repeating: "x", count: 201),
        "sqlite:///file:x.db", ":memory:", "sqlite:///:memory:", "file::memory:?cache=shared",
        "data/..", ".", "C:x.db", "sqlite+pysqlcipher:///x.db",
    ])
    func `a database URL that SQLite or a driver reads otherwise is refused`(url: String) {
        #expect(mistakes(["DATABASE_URL": url]).count == 1)
    }

    @Test(arguments: [
        "alice,bob", "alice, bob,", "alice;bob", #"["alice", "bob"]"#, "['alice','bob']",
        "[alice, bob]", #""alice","bob""#, "'alice'; 'bob'", "\"alice,bob\"", "alice\nbob",
        "\"alice\", bob", "alice，bob", "alice、 bob",
    ])
    func `a list is understood however it is written`(written: String) throws {
        let environment = ["ALLOWED_USERS": written, "ADMIN_USERS": written]
        #expect(try settings(environment).allowedUsers == ["alice", "bob"])
        #expect(try settings(environment).adminUsers == ["alice", "bob"])
    }

    @Test(arguments: [
        ",", " , ;", "[]", "[\"\"]", "*", "null", "None", "[alice", "alice]", "$USER",
        "alice,$(id)", #"{"a":1}"#, "\"alice", "\u{FFFD}", "alice bob", "alice\tbob", "(alice bob)",
        "- alice", "alice|bob", "(alice)", "<alice>", "“alice”,“bob”", "alice,Jane Doe",
    ])
    func `a list without a name, or that is none, is a mistake`(written: String) {
        for name in ["ALLOWED_USERS", "ADMIN_USERS"] {
            #expect(mistakes([name: written]).count == 1, "\(name)=\(written)")
        }
    }

    @Test func `a name with a blank stands between quotation marks`() throws {
        let settings = try settings(["ALLOWED_USERS": #"["Jane Doe", bob]"#])
        #expect(settings.allowedUsers == ["Jane Doe", "bob"])
    }

    @Test(arguments: [
        ("https://x.example:65536", false), ("https://x.example:abc", false),
        ("https://x.example:", false), ("https:///v1", false), ("https://[::1/v1", false),
        ("https://a.example,https://b.example", false), ("https://x]", false),
        (#"https://x\v1"#, false), ("https://x.example:8443/v1", true),
        ("http://[::1]:8000/v1", true), ("http://10.0.0.1", true), ("https://bücher.example", true),
    ])
    func `a base URL names a machine and a port that there can be`(url: String, isOne: Bool) {
        #expect(mistakes(["TARDIS_API_URL": url]).isEmpty == isOne)
    }

    @Test(arguments: [
        ("http://proxy.example:3128", true), ("proxy.example:3128", true), ("10.0.0.1", true),
        ("http://user:pa$$w;rd@proxy.example:3128/", true), ("SOCKS5h://[::1]:1080", true),
        ("$PROXY", false), ("http://${PROXY}:3128", false), ("http://", false), ("htp://x", false),
        ("http://a b", false), (#"["http://x"]"#, false), ("http://x,http://y", false),
        ("http://s3cret@", false), ("`proxy`", false),
    ])
    func `a proxy is one that libcurl understands, and nothing of it is repeated`(
        proxy: String, isOne: Bool
    ) {
        for name in ["http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
            let found = mistakes([name: proxy])
            #expect(found.isEmpty == isOne, "\(found)")
            #expect(found.allSatisfy { $0.hasPrefix("\(name.uppercased()): is no proxy such as") })
        }
    }

    @Test(arguments: [
        ("localhost,127.0.0.1, .example.org 10.0.0.0/8", true), ("*", true), ("[::1]", true),
        (#"["a.example","b.example"]"#, false), ("[a.example,b.example]", false),
        ("a.example;b.example", false), ("'a.example',b.example", false), ("a,$NAMES", false),
    ])
    func `names without a proxy are listed as libcurl reads them`(names: String, areThey: Bool) {
        #expect(mistakes(["no_proxy": names]).isEmpty == areThey)
    }

    @Test func `quotation marks around a value are not part of it`() throws {
        let settings = try settings([
            "API_PORT": "\"9000\"", "API_TOKEN": "'0123456789abcdef'", "LOG_LEVEL": "\"debug\"",
        ])
        #expect(settings.port == 9_000)
        #expect(settings.apiToken == "0123456789abcdef")
        #expect(settings.log.level == .debug)
    }

    @Test(arguments: [
        ("API_HOST", "$HOST"), ("API_TOKEN", "$MY_TOKEN"), ("API_TOKEN", "${MY_TOKEN}"),
        ("TARDIS_API_KEY", "$(cat"), ("TARDIS_API_KEY", "$(pass)"), ("API_TOKEN", "`pass`"),
        ("TARDIS_API_URL", "http://$HOST/v1"), ("API_PORT", "8000/tcp"), ("STALL_TIMEOUT", "60s"),
        ("HTTP_CONNECTIONS_MAX", "16,384"), ("API_PORT", "8_000"), ("CRASHES_MAX", "5.0"),
    ])
    func `what nothing replaces or counts is a mistake`(name: String, value: String) {
        // A command cut short is no command, and may be a token.
        #expect(mistakes([name: value]).count == (value == "$(cat" ? 0 : 1))
    }

    @Test func `a chat is one number or one channel, and a bot's token begins with its number`() {
        let token = ["TELEGRAM_BOT_TOKEN": "1:abc"]
        for chat in ["@a,@b", "@", "-1,-2", "https://t.me/x", "@a b"] {
            #expect(mistakes(token.merging(["TELEGRAM_CHAT_ID": chat]) { $1 }).count == 1)
        }
        let wrong = ["TELEGRAM_BOT_TOKEN": "bot1:abc", "TELEGRAM_CHAT_ID": "-1"]
        #expect(mistakes(wrong).count == 1)
    }

    @Test(arguments: [
        ("TARDIS_API_KE", "TARDIS_API_KEY"), ("ALLOWED_USER", "ALLOWED_USERS"),
        ("API_TOKN", "API_TOKEN"), ("apitoken", "API_TOKEN"), ("TARDIS_KEY", "TARDIS_API_KEY"),
        ("X_API_TOKEN", "API_TOKEN"), ("OUTPUT_PATH", "DEFAULT_OUTPUT_PATH"),
        ("API_TOKEN_FIL", "API_TOKEN_FILE"), ("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"),
        ("LOGFILE", "LOG_FILE"), ("SERVICE_USR", "SERVICE_USER"),
    ])
    func `a name that looks like a variable is warned of, without its value`(
        name: String, right: String
    ) throws {
        let fromEnvironment = try settings([name: "s3cret"]).warnings
        #expect(fromEnvironment == (try settings([:], file: "\(name)=s3cret").warnings))
        try #require(fromEnvironment.count == 1, "\(fromEnvironment)")
        #expect(fromEnvironment[0].hasPrefix(name.uppercased()))
        #expect(fromEnvironment[0].contains("Did you mean \(right)?"))
        #expect(!fromEnvironment[0].contains("s3cret"))
    }

    @Test func `nobody's own variables are warned of, nor those of .env.example`() throws {
        let usual = [
            "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TERM", "PWD", "OLDPWD", "HOSTNAME",
            "SHLVL", "MAIL", "EDITOR", "TZ", "DISPLAY", "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK",
            "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "INVOCATION_ID", "JOURNAL_STREAM",
            "http_proxy",
            "no_proxy", "CLOUDFLARE_API_TOKEN", "KUBERNETES_SERVICE_HOST", "LD_PRELOAD",
        ]
        let environment = Dictionary(uniqueKeysWithValues: usual.map { ($0, "http://x") })
        #expect(try settings(environment).warnings == [])
        let example = try ProcessEnvironment.content(of: "\(ProjectFolder.root)/.env.example")
        let names = String(decoding: example, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("#") && $0.contains("=") && !$0.hasPrefix("# ") }
            .compactMap { $0.dropFirst().split(separator: "=").first.map(String.init) }
        try #require(names.count > 40)
        let set = Dictionary(names.map { ($0, "1") }, uniquingKeysWith: { first, _ in first })
        var reader = EnvironmentReader(environment: set, file: nil, secrets: [])
        _ = SettingsReader.read(from: &reader)
        #expect(reader.warnings == [])
    }

    @Test func `a secret may come from a file, trimmed`() throws {
        let folder = TemporaryFolder()
        writeFile(Array(" 0123456789abcdef\r\n\n".utf8), to: folder.path("token"))
        let names = ["API_TOKEN", "TARDIS_API_KEY"]
        for name in names {
            let settings = try settings([name + "_FILE": folder.path("token")])
            #expect(
                (name == "API_TOKEN" ? settings.apiToken : settings.upstream.apiKey)
                    == "0123456789abcdef")
            #expect(settings.secrets == ["0123456789abcdef"])
        }
        writeFile(Array("1:abc\n".utf8), to: folder.path("bot"))
        let telegram = [
            "TELEGRAM_BOT_TOKEN_FILE": folder.path("bot"), "TELEGRAM_CHAT_ID": "-1",
        ]
        #expect(try settings(telegram).telegram?.botToken == "1:abc")
    }

    @Test func `a secret's file that cannot be used is a mistake that names it, never its content`()
    {
        let folder = TemporaryFolder()
        let path = folder.path("token")
        func found(_ content: [UInt8]) -> [String] {
            writeFile(content, to: path)
            return mistakes(["API_TOKEN_FILE": path])
        }
        for content in ["", " \n", "sec ret", "API_TOKEN=secret", "a\nsecret", "$SECRET"] {
            let found = found(Array(content.utf8))
            #expect(found.count == 1, "\(content)")
            #expect(found.joined().contains("API_TOKEN"))
            #expect(!found.joined().contains("secret"), "\(found)")
        }
        #expect(found([0xFF, 0xFE]).count == 1)
        #expect(found([UInt8](repeating: 0x61, count: 9_000)).count == 1)
        let missing = mistakes(["TARDIS_API_KEY_FILE": folder.path("none")])
        #expect(missing.first?.contains(folder.path("none")) == true)
        #expect(missing.first?.contains("No such file") == true)
        #expect(mistakes(["TARDIS_API_KEY_FILE": folder.path]).count == 1)
        writeFile(Array("0123456789abcdef".utf8), to: path)
        let both = mistakes(["API_TOKEN_FILE": path, "API_TOKEN": "0123456789abcdef"])
        #expect(both.count == 1)
        #expect(both.first?.contains("set one of the two") == true)
    }
}
