// The service's API: routes a request, checks who sent it, lets an endpoint respond, and maps
// errors to responses.

import APITypes
package import HTTP
import Jobs
import Logging

/// Answers every request that the service takes.
///
/// HEAD is answered like GET, content included: whoever sends the reply leaves the content out
/// (RFC 9110 §9.3.2).
package struct DownloadAPI: Handler {
    private let router: Router
    private let authentication: Authentication
    private let throttle = TokenThrottle()
    private let hosts: HostCheck
    private let logger: Logger
    private let rates: WriteRates
    private let errors: ErrorMapping
    private let time: any Timekeeping
    let waits: LongPollHub

    package init(_ parts: APIDependencies) {
        let waits = LongPollHub(time: parts.time)
        self.waits = waits
        parts.store.whenJobsChange { waits.tell($0) }
        let actions = JobActions(parts)
        let presenter = actions.presenter
        var endpoints: [any Endpoint] = [
            Root(version: parts.version),
            Health(parts),
            CreateJob(parts),
            ListJobs(store: parts.store, presenter: presenter),
            // Before the routes with a gap, which its path fits too.
            BulkJobCommandEndpoint(actions: actions),
            GetJob(presenter: presenter, waits: waits, time: parts.time),
            ChangeJob(actions: actions),
            JobCommandEndpoint(.cancel, by: .delete, actions),
            GetJobStatus(store: parts.store, presenter: presenter),
            ListFiles(store: parts.store),
            GetManifest(store: parts.store),
            VerifyJob(store: parts.store, time: parts.time, submitted: parts.submitted),
            AcceptGaps(parts),
            JobCommandEndpoint(.cancel, actions),
            JobCommandEndpoint(.retry, actions),
            JobCommandEndpoint(.pause, actions),
            JobCommandEndpoint(.resume, actions),
            ListJobEvents(store: parts.store, presenter: presenter),
            ListEvents(store: parts.store),
            GetLimits(store: parts.store, limits: parts.limits),
            ChangeLimits(parts),
            ResumeUpstream(parts),
            ConfirmDataRoot(parts),
        ]
        let document = OpenAPI.document(
            of: endpoints.map(\.operation) + [OpenAPIDocument.operation, DocsPage.operation],
            version: parts.version)
        let page = DocsPage(document, wantsToken: parts.authentication.token != nil)
        endpoints += [OpenAPIDocument(document), page] as [any Endpoint]
        router = Router(endpoints)
        authentication = Authentication(parts.authentication)
        hosts = HostCheck(
            names: parts.authentication.hosts, refusesOthers: parts.authentication.token == nil,
            logger: parts.logger)
        logger = parts.logger
        errors = ErrorMapping(logger: parts.logger)
        rates = WriteRates(limits: parts.limits)
        time = parts.time
    }

    /// Answers at once whoever waits for a job to change, now and from now on: before the server
    /// stops.
    package func endWaits() {
        waits.close()
    }

    package func respond(to request: Request) async -> Response {
        switch begin(request) {
        case .ready(let response): response
        case .later(let respond): await respond()
        }
    }

    package func begin(_ request: Request) -> Answer {
        do {
            try hosts.check(request)
            switch router.decide(request) {
            case .endpoint(let entry, let arguments):
                let call = RequestContext(request: request, arguments: arguments)
                return entry.isOpen ? try answer(call, entry) : try admit(call, entry)
            case .methods(let allow):
                return .ready(Response(status: .noContent, headers: Headers(["Allow": allow])))
            case .methodNotAllowed(let allow): throw APIError.methodNotAllowed(allow: allow)
            case .redirect(let path):
                let location = path + (request.query.map { "?" + $0 } ?? "")
                // Browsers send brackets as they are; a URI has none there (RFC 3986 §3.4).
                let uri = location.replacing("[", with: "%5B").replacing("]", with: "%5D")
                return .ready(
                    Response(status: .temporaryRedirect, headers: Headers(["Location": uri])))
            case .notFound: throw APIError.notFound
            }
        } catch {
            return .ready(errors.reply(to: error, request: request.id))
        }
    }

    /// Answers a call once it is known who asks.
    private func admit(_ call: RequestContext, _ entry: Router.Entry) throws -> Answer {
        let credential = authentication.credential(of: call.request)
        switch throttle.verdict(on: credential, from: call.request.peer, at: time.now) {
        case .take: return try answer(call, entry, with: credential)
        case .refuse(let seconds): throw APIError.tooManyWrongTokens(retryAfterSeconds: seconds)
        case .wait: break
        }
        logger.notice(
            "tokens of an address wait, because too many wrong ones came from it",
            metadata: ["request": "\(call.request.id)", "address": "\(call.request.peer)"])
        return .later { [self] in
            try? await time.sleep(for: TokenThrottle.pause)
            do {
                let verdict = throttle.waited(credential, from: call.request.peer, at: time.now)
                if case .refuse(let seconds) = verdict {
                    throw APIError.tooManyWrongTokens(retryAfterSeconds: seconds)
                }
                switch try answer(call, entry, with: credential) {
                case .ready(let response): return response
                case .later(let respond): return await respond()
                }
            } catch {
                return errors.reply(to: error, request: call.request.id)
            }
        }
    }

    private func answer(
        _ call: RequestContext, _ entry: Router.Entry, with credential: Credential
    ) throws -> Answer {
        var call = call
        call.principal = try authentication.principal(of: call.request, with: credential)
        if let kind = entry.endpoint.writes {
            try rates.take(kind, by: call.principal, at: time.now)
        }
        return try answer(call, entry)
    }

    private func answer(_ call: RequestContext, _ entry: Router.Entry) throws -> Answer {
        if entry.shown?.hasVersions == true, call.request.hasCondition {
            let conditional = PreconditionCheck(entry: entry, time: time)
            return later(call) { try await conditional.answer($0) }
        }
        if let response = try entry.endpoint.answerAtOnce(call) { return .ready(response) }
        return later(call) { [endpoint = entry.endpoint] in try await endpoint.answer($0) }
    }

    /// Bodies that take more than a millisecond to read, and to tell what is wrong with them.
    private static let longBodyBytes = 16 * 1024

    private func later(
        _ call: RequestContext,
        _ answer: @escaping @Sendable (RequestContext) async throws -> Response
    ) -> Answer {
        let respond = { @Sendable [errors] in
            do {
                return try await answer(call)
            } catch {
                return errors.reply(to: error, request: call.request.id)
            }
        }
        guard call.request.body.count > DownloadAPI.longBodyBytes else { return .later(respond) }
        return .later { await LongComputation.run(respond) }
    }
}
