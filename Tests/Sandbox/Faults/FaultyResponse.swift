// Turns a true response into the one that a scripted fault asks for.

import HTTP

/// Applies a fault to an answer whose body is known.
struct FaultyResponse {
    let fault: Fault

    /// The answer in place of the true one; waits as long as the fault says.
    func response(to truth: Response) async -> Response {
        if fault.delayMilliseconds > 0 {
            try? await Task.sleep(for: .milliseconds(fault.delayMilliseconds))
        }
        var answer = truth
        if let other = fault.answer {
            answer.status = Status(other.status ?? 200)
            if other.body != nil { answer.headers = Headers() }
            for (name, value) in other.headers { answer.headers.set(name, value) }
            if let body = other.body { answer.body = .bytes(Array(body.utf8)) }
        }
        guard case .bytes(let bytes) = answer.body else {
            return delivered([], of: answer)
        }
        let content = altered(bytes)
        answer.body = .bytes(content)
        return delivered(content, of: answer)
    }

    private func altered(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if let count = fault.content.members, count > 1 {
            bytes = Array(repeatElement(bytes, count: count).joined())
        }
        if let offset = fault.content.flipBitAt {
            let index = offset < 0 ? bytes.count + offset : offset
            if bytes.indices.contains(index) { bytes[index] ^= 1 }
        }
        if let count = fault.content.truncateTo { bytes = Array(bytes.prefix(count)) }
        if let junk = fault.content.append { bytes += Array(junk.utf8) }
        return bytes
    }

    private func delivered(_ bytes: [UInt8], of answer: Response) -> Response {
        var answer = answer
        let delivery = fault.delivery
        if let ending = delivery.drop {
            answer.body = .verbatim([], then: ending == .reset ? .reset : .close)
        } else if let raw = delivery.raw {
            answer.body = .verbatim(Array(raw.utf8), then: .close)
        } else if let length = delivery.contentLength {
            answer.body = .verbatim(
                head(of: answer, contentLength: length) + bytes, then: .close)
        } else if delivery.framing == .close {
            answer.body = .verbatim(head(of: answer, contentLength: nil) + bytes, then: .close)
        } else if delivery.framing == .chunked || delivery.isPaced {
            let length = delivery.framing == .chunked ? nil : bytes.count
            answer.body = .stream(length: length) { writer in
                try await PacedBody(bytes: bytes, delivery: delivery).write(to: writer)
            }
        }
        return answer
    }

    /// A head by hand, for what a correct server would refuse to send.
    private func head(of answer: Response, contentLength: Int?) -> [UInt8] {
        var text = "HTTP/1.1 \(answer.status.code) \(answer.status.reason)\r\n"
        answer.headers.forEach { text += "\($0): \($1)\r\n" }
        if let contentLength { text += "Content-Length: \(contentLength)\r\n" }
        text += "Connection: close\r\n\r\n"
        return Array(text.utf8)
    }
}

extension DeliveryFault {
    /// Whether the body has to be sent piece by piece.
    fileprivate var isPaced: Bool {
        closeAfter != nil || resetAfter != nil || stallAfter != nil || bytesPerSecond != nil
    }
}

/// A body with a pace and an end of its own.
struct PacedBody: Sendable {
    let bytes: [UInt8]
    let delivery: DeliveryFault

    func write(to writer: any BodyWriting) async throws {
        let cut = [delivery.closeAfter, delivery.resetAfter].compactMap { $0 }.min()
        let end = min(cut ?? bytes.count, bytes.count)
        let stall = min(delivery.stallAfter ?? end, end)
        try await trickle(bytes[..<stall], to: writer)
        if delivery.stallAfter != nil {
            // An hour is longer than every time-out under test.
            try await Task.sleep(for: .milliseconds(delivery.stallMilliseconds ?? 3_600_000))
        }
        try await trickle(bytes[stall..<end], to: writer)
        if delivery.resetAfter != nil { throw StreamCut(.reset) }
        if delivery.closeAfter != nil { throw StreamCut(.close) }
    }

    private func trickle(_ part: ArraySlice<UInt8>, to writer: any BodyWriting) async throws {
        guard let rate = delivery.bytesPerSecond, rate > 0 else {
            if !part.isEmpty { try await writer.write(Array(part)) }
            return
        }
        // Twenty pieces a second look like a steady flow to any client.
        let piecesPerSecond = 20
        let size = max(1, rate / piecesPerSecond)
        var unsent = part
        while !unsent.isEmpty {
            try await writer.write(Array(unsent.prefix(size)))
            unsent = unsent.dropFirst(size)
            try await Task.sleep(for: .seconds(Double(size) / Double(rate)))
        }
    }
}
