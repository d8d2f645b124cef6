// The options that every command takes: where the service is, who asks, and in which form the
// answer is wanted.

import APIClient
import ArgumentParser

/// Where, who and how.
struct CommonOptions: ParsableArguments {
    /// Where the predecessor's client looked too.
    static let defaultURL = "http://localhost:8000"

    @Option(
        help: ArgumentHelp(
            "Where the service is (default: $DOWNLOAD_SERVICE_URL, else \(defaultURL))."))
    var url: String?

    @Option(
        help: ArgumentHelp(
            "The service's token. Better set API_TOKEN: others see your command line.",
            valueName: "token"))
    var apiToken: String?

    @Option(help: ArgumentHelp("Who asks (default: $USER).", valueName: "name"))
    var user: String?

    @Flag(help: "Print the service's JSON as it came, and nothing else.")
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

    /// What the client is to be told; a flag wins over a variable.
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
        let token = apiToken.flatMap { $0.isEmpty ? nil : $0 } ?? environment["API_TOKEN"]
        guard token.map(APIClientSettings.isHeaderValue) ?? true else {
            throw UsageMistake(
                message: "the API token holds blanks at its ends or control characters")
        }
        return APIClientSettings(address: address, user: user, token: token)
    }
}
