// The object storage behind the datasets host: it knows signed addresses and no API keys. A key
// that reaches it has leaked, and it says so as S3 does.

import Datasets
import HTTP

/// Answers `/tardis-datasets/v1/…?X-Amz-Signature=…` on a port of its own.
struct StorageRoute: Sendable {
    let datasets: DatasetRoute

    private static let bucket = "/tardis-datasets"

    /// The address in the storage of a path of the datasets host.
    static func signedPath(of path: String) -> String {
        "\(bucket)\(path)?X-Amz-Expires=3600&X-Amz-Signature=\(signature(of: path))"
    }

    func response(to request: Request, fault: ContentFault?) async -> Response {
        guard request.method == .get, request.path.hasPrefix(StorageRoute.bucket + "/v1/") else {
            return refusal(.notFound, code: "NoSuchKey", "The specified key does not exist.")
        }
        guard request.headers["Authorization"] == nil else {
            return refusal(
                .badRequest, code: "InvalidArgument",
                "Only one auth mechanism allowed; Authorization was sent to a signed address.")
        }
        let path = String(request.path.dropFirst(StorageRoute.bucket.count))
        let signature = "X-Amz-Signature=\(StorageRoute.signature(of: path))"
        guard request.query?.split(separator: "&").contains(Substring(signature)) ?? false else {
            return refusal(.forbidden, code: "SignatureDoesNotMatch", "The signature is wrong.")
        }
        do {
            let file = try DatasetFile(path: path.split(separator: "/").dropFirst())
            let symbols = try datasets.symbols(of: file)
            return await datasets.body(of: file, symbols: symbols, fault: fault)
        } catch {
            return refusal(.notFound, code: "NoSuchKey", "The specified key does not exist.")
        }
    }

    /// Not a secret: it only has to differ from path to path, and be the same in every run.
    private static func signature(of path: String) -> String {
        var random = SeededRandom(seed: path)
        return String(random.next(), radix: 16) + String(random.next(), radix: 16)
    }

    private func refusal(_ status: Status, code: String, _ message: String) -> Response {
        let xml = """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>\(code)</Code><Message>\(message)</Message></Error>
            """
        return Response(
            status: status, headers: Headers(["Content-Type": "application/xml"]),
            body: .bytes(Array(xml.utf8)))
    }
}
