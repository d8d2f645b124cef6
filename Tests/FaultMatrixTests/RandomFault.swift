// Faults at random, of every kind that the stand-in can bring about and with any numbers.

import TestSupport

@testable import tardis_sandbox

/// Makes fault scripts from a seed.
struct RandomFaults {
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }

    mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[number(0...(elements.count - 1))]
    }

    /// What happens to the requests for one path, one after the other; then all is well, unless a
    /// fault is for ever.
    mutating func rules(for pattern: String) -> [FaultRule] {
        var rules: [FaultRule] = []
        for _ in 0..<number(0...5) {
            rules.append(FaultRule(pattern, times: 1, fault: fault()))
        }
        if chance(10) { rules.append(FaultRule(pattern, times: nil, fault: fault())) }
        return rules
    }

    /// Any fault. Silence costs real time, so it is rare.
    mutating func fault() -> Fault {
        if chance(1) { return Fault(delivery: DeliveryFault(stallAfter: number(0...4_000))) }
        switch number(0...9) {
        case 0...2: return answer()
        case 3...5: return Fault(content: content())
        case 6...8: return Fault(delivery: delivery())
        default: return Fault(content: content(), delivery: delivery())
        }
    }

    private mutating func answer() -> Fault {
        let status =
            chance(60)
            ? pick([429, 500, 502, 503, 504, 404, 408, 403, 302, 307]) : number(201...599)
        var headers: [String: String] = [:]
        if chance(40) {
            headers["Retry-After"] = pick(["0", "1", "7", "299", "301", "900", "soon", "-1", "1e9"])
        }
        if (300..<400).contains(status), chance(80) {
            headers["Location"] = pick([
                "/v1/elsewhere", "file:///etc/passwd", "http://10.1.2.3/", "//", "ftp://x/", "",
                "http://[::1", "https://192.168.1.1:99/x", "http://user@127.0.0.1/",
            ])
        }
        // A 401 as Tardis writes it ends its whole job: rare, so that other faults are seen.
        if chance(3) {
            let words = pick([#"{"code":11}"#, #"{"code":11,"message":"Expired."}"#])
            return Fault(answer: Fault.Answer(status: 401, headers: headers, body: words))
        }
        // Only that one can be told from the log to be final: others are so by their bodies.
        return Fault(
            answer: Fault.Answer(
                status: status == 401 ? 402 : status, headers: headers, body: words()))
    }

    private mutating func words() -> String {
        pick([
            "", "busy", "<html>busy</html>", #"{"code":274,"message":"Elsewhere."}"#,
            #"{"code":274,"message":"Elsewhere.","retryAfterSeconds":30}"#,
            #"{"code":300,"message":"No such symbol."}"#, #"{"code":140}"#, "{", "[]",
            "\u{1F}\u{8B}",
            #"{"code":99999999999999999999,"retryAfterSeconds":-5}"#,
        ])
    }

    private mutating func content() -> ContentFault {
        switch number(0...9) {
        case 0, 1: ContentFault(flipBitAt: number(0...4_000))
        case 2: ContentFault(flipBitAt: -number(1...200))
        case 3, 4: ContentFault(truncateTo: number(0...4_000))
        case 5: ContentFault(append: pick(["x", "\0", "\u{1F}", "<html>", "\r\n"]))
        case 6: ContentFault(members: number(2...3))
        case 7: ContentFault(symbol: "SOLUSDT")
        case 8: ContentFault(day: pick(["2024-02-03", "2023-01-01"]))
        default: ContentFault(csv: pick(["a", "exchange,symbol\n", "<html>", "\n\n", "\0\0"]))
        }
    }

    private mutating func delivery() -> DeliveryFault {
        switch number(0...8) {
        case 0: DeliveryFault(drop: pick([.close, .reset]))
        case 1:
            DeliveryFault(
                raw: pick([
                    "", "HTTP/1.1", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\u{1F}", "\0\0\0\0",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                    "HTTP/1.1 100 Continue\r\n\r\n",
                    "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
                ]))
        case 2: DeliveryFault(closeAfter: number(0...4_000))
        case 3: DeliveryFault(resetAfter: number(0...4_000))
        case 4: DeliveryFault(closeAfter: number(0...4_000), framing: .chunked)
        case 5: DeliveryFault(contentLength: number(0...40_000))
        case 6: DeliveryFault(framing: .close)
        case 7: DeliveryFault(framing: .chunked)
        default: DeliveryFault(bytesPerSecond: 200_000)
        }
    }
}
