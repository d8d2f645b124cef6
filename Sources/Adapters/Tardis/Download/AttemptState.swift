// The course of one attempt to download a file: which request comes next, over which connections,
// and how the attempt ends.

import Jobs

/// Decides the next step after each event. Pure.
///
/// A misbehaving server may send more than was requested, which is then taken for the response to
/// the next request on the same connection, as long as that connection lives. So the first attempt
/// accepts over a used connection only what proves to be the file. What may be another file's
/// response is requested again at once, over a new connection; later attempts use new ones only.
/// Refusals are believed over any connection: a permanent one must not be followed by a request.
struct AttemptState {
    /// What has happened.
    enum Event {
        /// A transfer brought the file, or none, and nothing more can be done in this attempt.
        case ended(DownloadOutcome)
        /// A file arrived over a used connection and may be another request's.
        case ambiguous
        /// A complete response that is no file.
        ///
        /// - address: the responding host's, if known.
        case responded(Reply, location: String?, address: String?)
    }

    /// What to do.
    enum Action {
        /// Wait for a slot and send the request.
        case begin(DatasetRequest)
        /// Send the request in the same slot: a redirect's target may expire soon.
        case send(DatasetRequest)
        /// Ask the catalogue whether the file can exist; if it does not say, end as given.
        case checkCatalogue(FileFailure, otherwise: DownloadOutcome)
        /// Remember the first "not found", and end.
        case retryNotFound(FileFailure)
        case end(DownloadOutcome)
    }

    let first: DatasetRequest
    let classifier: ResponseClassifier
    let redirectsMax: Int
    /// Whether each request opens a connection of its own.
    private(set) var usesNewConnections: Bool
    /// Whether every response since the last ``Action/begin(_:)`` came over a new connection.
    private(set) var isTrusted = true
    private var request: DatasetRequest

    init(
        _ first: DatasetRequest, classifier: ResponseClassifier, redirectsMax: Int,
        usesNewConnections: Bool
    ) {
        self.first = first
        self.classifier = classifier
        self.redirectsMax = redirectsMax
        self.usesNewConnections = usesNewConnections
        request = first
    }

    /// A response came over a used connection, or over one of unknown age.
    mutating func recordUsedConnection() {
        isTrusted = false
    }

    mutating func handle(_ event: Event) -> Action {
        switch event {
        case .ended(let outcome): return .end(outcome)
        case .ambiguous: return restart()
        case .responded(let reply, let location, let address):
            switch classifier.classify(reply) {
            case .dataset:
                // A 200 ends in a file, as long as its receiver and this agree on what one is.
                return .end(
                    .retry(
                        after: nil,
                        FileFailure(
                            code: "cut_short", detail: "Tardis's answer ended before its file.",
                            httpStatus: reply.status)))
            case .decided(let outcome): return .end(outcome)
            case .notFoundOnce(let failure): return .retryNotFound(failure)
            case .missing(let failure, let otherwise):
                return .checkCatalogue(failure, otherwise: otherwise)
            case .redirect:
                return follow(location, status: reply.status, from: address)
            }
        }
    }

    private mutating func restart() -> Action {
        guard !usesNewConnections else {
            return .end(
                .retry(
                    after: nil,
                    FileFailure(
                        code: "in_doubt",
                        detail: "Tardis sent what may be the answer for another file.")))
        }
        usesNewConnections = true
        isTrusted = true
        request = first
        return .begin(first)
    }

    private mutating func follow(
        _ location: String?, status: Int, from address: String?
    ) -> Action {
        do throws(FileFailure) {
            request = try request.redirected(
                to: location, status: status, from: address, redirectsMax: redirectsMax)
            return .send(request)
        } catch {
            // A network's login page redirects too: no verdict on the file.
            return .end(.retry(after: nil, error))
        }
    }
}
