// The handler of each listener: the log, the latency, the fault script, then the route.

import Datasets
import HTTP

/// The handler of one of the two listeners.
struct SandboxRouter: Handler {
    /// The host that this listener stands for.
    enum Listener: String, Sendable {
        /// Datasets, metadata, Bot API and the stand-in's own routes.
        case upstream
        /// The object storage of paid days.
        case storage
    }

    let listener: Listener
    let key: String
    let latency: Duration
    let catalogue: CatalogueRoute
    let datasets: DatasetRoute
    let bot: BotRoute
    let control: ControlRoute
    let now: @Sendable () -> Timestamp

    func respond(to request: Request) async -> Response {
        if listener == .upstream, request.path.hasPrefix("/_sandbox") {
            return control.response(to: request)
        }
        let path = BotRoute.redacted(request.path) ?? request.path
        let number = control.log.begin(
            request, path: path, listener: listener.rawValue, key: key,
            at: now().microseconds / 1000)
        if latency > .zero { try? await Task.sleep(for: latency) }
        let fault = control.faults.fault(method: request.method.rawValue, path: path)
        var response =
            fault?.replacesAnswer ?? false
            ? Response(status: .ok, body: .bytes([]))
            : await answer(to: request, fault: fault?.content)
        if let fault { response = await FaultyResponse(fault: fault).response(to: response) }
        control.log.finish(
            number, status: fault?.delivery.hidesStatus ?? false ? 0 : response.status.code,
            isFaulty: fault != nil)
        return response
    }

    private func answer(to request: Request, fault: ContentFault?) async -> Response {
        if listener == .storage {
            return await StorageRoute(datasets: datasets).response(to: request, fault: fault)
        }
        if request.path.hasPrefix("/bot") { return bot.response(to: request) }
        let segments = request.path.split(separator: "/")
        guard segments.first == "v1" else { return TardisError.notFound.response }
        // A dataset's path has seven segments, those of the metadata two or three.
        return segments.count > 3
            ? await datasets.response(to: request, fault: fault)
            : catalogue.response(to: request)
    }
}

extension Fault {
    /// Whether nothing of the true answer remains, so that it need not be made.
    fileprivate var replacesAnswer: Bool {
        answer?.body != nil || delivery.hidesStatus
    }
}

extension DeliveryFault {
    /// Whether the client sees no status line of ours.
    fileprivate var hidesStatus: Bool {
        drop != nil || raw != nil
    }
}

/// Whether a request's `Authorization: Bearer KEY` holds the right key.
enum Authorization: String, Encodable, Sendable {
    case absent
    case right = "present"
    case wrong

    init(of request: Request, key: String) {
        guard let value = request.headers["Authorization"] else {
            self = .absent
            return
        }
        // Older official clients send the header with nothing behind `Bearer` when they have no
        // key.
        let token = value.split(separator: " ", maxSplits: 1).dropFirst().first ?? ""
        self = token.isEmpty ? .absent : token == key ? .right : .wrong
    }
}
