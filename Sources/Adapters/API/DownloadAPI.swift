// The service's API: routes a request, checks who sent it, lets an endpoint respond, and maps
// errors to responses.

import APITypes
package import HTTP
import Jobs
import Logging

/// Responds to every request that the service takes.
///
/// HEAD is handled like GET, content included: the server leaves the content out (RFC 9110 §9.3.2).
package struct DownloadAPI: Handler {
    private let router: Router
    private let authentication: Authentication
    private let throttle = TokenThrottle()
    private let hosts: HostCheck
    private let logger: Logger
    private let rates: WriteRates
    private let errors: ErrorMapping
    private let time: any Timekeeping
    let longPolls: LongPollHub

    package init(_ dependencies: APIDependencies) {
        let longPolls = LongPollHub(time: dependencies.time)
        self.longPolls = longPolls
        let statuses = StatusCache()
        dependencies.store.whenJobsChange { jobs in
            statuses.forget(jobs)
            longPolls.notify(jobs)
        }
        let actions = JobActions(dependencies)
        let presenter = actions.presenter
        var endpoints: [any Endpoint] = [
            Root(version: dependencies.version),
            Health(dependencies),
            CreateJob(dependencies: dependencies),
            ListJobs(store: dependencies.store, presenter: presenter),
            // Before the routes with `{job_id}`, which its path matches too.
            BulkJobCommandEndpoint(actions: actions),
            GetJob(presenter: presenter, longPolls: longPolls, time: dependencies.time),
            ChangeJob(actions: actions),
            JobCommandEndpoint(.cancel, by: .delete, actions),
            GetJobStatus(presenter: presenter, statuses: statuses),
            ListFiles(store: dependencies.store),
            GetManifest(store: dependencies.store),
            VerifyJob(dependencies: dependencies),
            AcceptGaps(dependencies: dependencies),
            JobCommandEndpoint(.cancel, actions),
            JobCommandEndpoint(.retry, actions),
            JobCommandEndpoint(.pause, actions),
            JobCommandEndpoint(.resume, actions),
            ListJobEvents(store: dependencies.store, presenter: presenter),
            ListEvents(store: dependencies.store),
            GetLimits(store: dependencies.limitStore, limits: dependencies.limits),
            ChangeLimits(dependencies: dependencies),
            ResumeUpstream(dependencies: dependencies),
            ConfirmDataRoot(dependencies: dependencies),
        ]
        let document = OpenAPI.document(
            of: endpoints.map(\.operation) + [OpenAPIDocument.operation, DocsPage.operation],
            version: dependencies.version)
        let page = DocsPage(document, wantsToken: dependencies.authentication.token != nil)
        endpoints += [OpenAPIDocument(document), page] as [any Endpoint]
        router = Router(endpoints)
        authentication = Authentication(dependencies.authentication)
        hosts = HostCheck(
            names: dependencies.authentication.hosts,
            refusesOthers: dependencies.authentication.token == nil,
            logger: dependencies.logger)
        logger = dependencies.logger
        errors = ErrorMapping(logger: dependencies.logger)
        rates = WriteRates(limits: dependencies.limits)
        time = dependencies.time
    }

    /// Ends all waits for changes of jobs, now and from now on: before the server stops.
    package func endLongPolls() {
        longPolls.close()
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
            case .endpoint(let target, let arguments):
                let context = RequestContext(request: request, arguments: arguments)
                return target.isOpen ? try respond(to: context, target) : try admit(context, target)
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
            return .ready(errors.response(to: error, request: request.id))
        }
    }

    /// Responds to a request once its sender is known.
    private func admit(_ context: RequestContext, _ target: Router.Target) throws -> Answer {
        let credential = authentication.credential(of: context.request)
        switch throttle.verdict(on: credential, from: context.request.peer, at: time.now) {
        case .take: return try respond(to: context, target, with: credential)
        case .refuse(let seconds): throw APIError.tooManyWrongTokens(retryAfterSeconds: seconds)
        case .wait: break
        }
        logger.notice(
            "tokens of an address wait, because too many wrong ones came from it",
            metadata: ["request": "\(context.request.id)", "address": "\(context.request.peer)"])
        return .later { [self] in
            try? await time.sleep(for: TokenThrottle.pause)
            do {
                let verdict = throttle.waited(credential, from: context.request.peer, at: time.now)
                if case .refuse(let seconds) = verdict {
                    throw APIError.tooManyWrongTokens(retryAfterSeconds: seconds)
                }
                switch try respond(to: context, target, with: credential) {
                case .ready(let response): return response
                case .later(let respond): return await respond()
                }
            } catch {
                return errors.response(to: error, request: context.request.id)
            }
        }
    }

    private func respond(
        to context: RequestContext, _ target: Router.Target, with credential: Credential
    ) throws -> Answer {
        var context = context
        context.principal = try authentication.principal(of: context.request, with: credential)
        if let kind = target.endpoint.writes {
            try rates.take(kind, by: context.principal, at: time.now)
        }
        return try respond(to: context, target)
    }

    private func respond(to context: RequestContext, _ target: Router.Target) throws -> Answer {
        // Also where the endpoint reads no body: a page must not command what it may not submit.
        if target.method != .get, !context.request.body.isEmpty {
            try RequestBody.checkOrigin(of: context.request)
        }
        if target.shown?.hasVersions == true, context.request.hasCondition {
            let conditional = PreconditionCheck(target: target, time: time)
            return later(context) { try await conditional.respond(to: $0) }
        }
        if let response = try target.endpoint.immediateResponse(to: context) {
            return .ready(response)
        }
        return later(context) { [endpoint = target.endpoint] in try await endpoint.respond(to: $0) }
    }

    /// Bodies above this size take more than a millisecond to read and validate.
    private static let longBodyBytes = 16 * 1024

    private func later(
        _ context: RequestContext,
        _ endpoint: @escaping @Sendable (RequestContext) async throws -> Response
    ) -> Answer {
        let respond = { @Sendable [errors] in
            do {
                return try await endpoint(context)
            } catch {
                return errors.response(to: error, request: context.request.id)
            }
        }
        guard context.request.body.count > DownloadAPI.longBodyBytes else { return .later(respond) }
        return .later { await LongComputation.run(respond) }
    }
}
