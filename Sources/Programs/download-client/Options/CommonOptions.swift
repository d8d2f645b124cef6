// The options that every command takes: address, user, token, and the form of the answer.

import APIClient
import ArgumentParser
import Curl
import Glibc
import Posix

/// Address, user, token and form of the answer.
struct CommonOptions: ParsableArguments {
    /// The default of the predecessor's client, too.
    static let defaultURL = "http://localhost:8000"

    @Option(
        help: ArgumentHelp(
            "URL of the service (default: $DOWNLOAD_SERVICE_URL, else \(defaultURL))."))
    var url: String?

    @Option(
        help: ArgumentHelp(
            "The service's token. Better set API_TOKEN (or _FILE): others see your command line.",
            valueName: "token"))
    var apiToken: String?

    @Option(help: ArgumentHelp("The user to act as (default: $USER).", valueName: "name"))
    var user: String?

    @Flag(help: "Print the service's JSON unchanged, and nothing else.")
    var json = false

    /// The client that these options and the environment describe.
    ///
    /// - Throws: ``UsageMistake``
    func session(
        in environment: ProcessEnvironment = .current, account: () -> String? = UserName.ofAccount
    ) throws(UsageMistake) -> Session {
        let settings = try settings(in: environment, account: account)
        return Session(
            client: APIClient(settings), address: settings.address, user: settings.user,
            printsJSON: json,
            program: url.map { "download-client --url \($0)" } ?? "download-client")
    }

    /// The settings of the client; a flag wins over a variable.
    ///
    /// - Throws: ``UsageMistake``
    func settings(
        in environment: ProcessEnvironment, account: () -> String?
    ) throws(UsageMistake) -> APIClientSettings {
        let address: ServiceAddress
        do throws(ServiceAddressError) {
            address = try ServiceAddress(
                url ?? environment["DOWNLOAD_SERVICE_URL"] ?? CommonOptions.defaultURL)
        } catch {
            throw UsageMistake(
                message: "\(url == nil ? "DOWNLOAD_SERVICE_URL" : "--url"): \(error)")
        }
        let user = try UserName.resolve(user, in: environment, account: account)
        let token = try token(in: environment)
        guard token.map(APIClientSettings.isHeaderValue) ?? true else {
            throw UsageMistake(
                message: "the API token holds blanks at its ends or control characters")
        }
        return APIClientSettings(
            address: address, user: user, token: token,
            trust: try CommonOptions.trust(for: address, in: environment))
    }

    /// The flag, else the variable, else the content of the file that `API_TOKEN_FILE` names.
    private func token(
        in environment: ProcessEnvironment
    ) throws(UsageMistake) -> String? {
        if let apiToken, !apiToken.isEmpty { return apiToken }
        guard let path = environment["API_TOKEN_FILE"] else { return environment["API_TOKEN"] }
        guard environment["API_TOKEN"] == nil else {
            throw UsageMistake(
                message: "API_TOKEN_FILE is set beside API_TOKEN; set one of the two")
        }
        let content: String?
        do throws(SystemError) {
            content = String(
                validating: try FileContent.of(path, atMost: CommonOptions.tokenBytesMax),
                as: UTF8.self)
        } catch {
            throw UsageMistake(
                message: "API_TOKEN_FILE: the file \(path) cannot be read: \(error.reason)")
        }
        let token = content?.split(whereSeparator: \.isWhitespace) ?? []
        guard token.count == 1, let token = token.first,
            token.utf8.count <= CommonOptions.tokenBytesMax
        else {
            throw UsageMistake(message: "API_TOKEN_FILE: the file \(path) holds no single token")
        }
        return String(token)
    }

    /// More than any header may hold.
    private static let tokenBytesMax = 8_192

    /// The certificates that the variables name; without TLS they are ignored.
    private static func trust(
        for address: ServiceAddress, in environment: ProcessEnvironment
    ) throws(UsageMistake) -> CertificateTrust {
        guard address.url.lowercased().hasPrefix("https://") else { return CertificateTrust() }
        var mistakes: [String] = []
        let trust = CertificateTrust(
            variable: { environment[$0] }, report: { mistakes.append("\($0): \($1)") })
        guard mistakes.isEmpty else {
            throw UsageMistake(message: mistakes.joined(separator: "; "))
        }
        return trust
    }
}

/// Finds the name of the user.
enum UserName {
    /// The name given, else `$USER`, else `$LOGNAME`, else the account's.
    ///
    /// - Throws: ``UsageMistake`` when there is none, or it cannot be sent.
    static func resolve(
        _ given: String?, in environment: ProcessEnvironment, account: () -> String?
    ) throws(UsageMistake) -> String {
        guard let name = given ?? environment["USER"] ?? environment["LOGNAME"] ?? account() else {
            throw UsageMistake(
                message: """
                    cannot tell who you are: USER and LOGNAME are not set, and your account has \
                    no name. Say it with --user NAME
                    """)
        }
        guard APIClientSettings.isHeaderValue(name) else {
            throw UsageMistake(
                message: """
                    the user name must not be empty, begin or end with a blank, or hold control \
                    characters. Say another with --user NAME
                    """)
        }
        return name
    }

    /// The name of the account that the program runs as, where the system knows one.
    static func ofAccount() -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        // Enough for any entry: glibc suggests 1 KiB (sysconf(_SC_GETPW_R_SIZE_MAX)).
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress,
                getpwuid_r(geteuid(), &entry, start, buffer.count, &found) == 0,
                found != nil, let name = entry.pw_name
            else { return nil }
            return String(cString: name)
        }
    }
}
