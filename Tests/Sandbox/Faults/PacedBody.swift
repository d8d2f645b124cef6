// Sends a body slowly, or only its beginning. It must not know why.

import HTTP

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
            // An hour outlasts the patience of every client under test.
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
        var rest = part
        while !rest.isEmpty {
            try await writer.write(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
            try await Task.sleep(for: .seconds(Double(size) / Double(rate)))
        }
    }
}
