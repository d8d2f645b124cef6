// The stand-in's own routes, by which a test writes its script and reads what was asked. No real
// upstream has them.

import HTTP

/// Answers `/_sandbox/…`.
struct ControlRoute: Sendable {
    let faults: FaultScript
    let log: RequestLog
    let messages: MessageBook

    func response(to request: Request) -> Response {
        switch (request.path, request.method) {
        case ("/_sandbox/faults", .put), ("/_sandbox/faults", .post): return takeFaults(request)
        case ("/_sandbox/faults", .get): return faultCount
        case ("/_sandbox/faults", .delete):
            faults.replace(by: [])
            return Response(status: .noContent)
        case ("/_sandbox/requests", .get):
            return .json(log.entries(matching: PathPattern(request.queryItems["match"] ?? "")))
        case ("/_sandbox/requests", .delete):
            log.clear()
            return Response(status: .noContent)
        case ("/_sandbox/messages", .get): return .json(messages.all)
        case ("/_sandbox/messages", .delete):
            messages.clear()
            return Response(status: .noContent)
        default:
            return complaint(
                .notFound,
                "there are GET, PUT (replace), POST (append) and DELETE /_sandbox/faults, GET"
                    + " (?match=PATTERN) and DELETE /_sandbox/requests, GET and DELETE"
                    + " /_sandbox/messages")
        }
    }

    private func takeFaults(_ request: Request) -> Response {
        do {
            let rules = try JSONText.decode([FaultRule].self, from: request.body)
            if request.method == .put { faults.replace(by: rules) } else { faults.append(rules) }
            return faultCount
        } catch {
            return complaint(.badRequest, JSONText.complaint(error))
        }
    }

    private var faultCount: Response {
        .json(["pending": faults.pendingCount])
    }

    private func complaint(_ status: Status, _ text: String) -> Response {
        .json(["error": text], status: status)
    }
}
