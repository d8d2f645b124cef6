// A long list as JSON, written element by element, so that the caller can limit its size or send it
// in pieces.

/// Writes an object whose first member is a list.
package struct JSONListWriter {
    private var writer = JSONWriter()
    private let bytesMax: Int
    private var count = 0

    /// - Parameters:
    ///   - name: of the list; nothing in it needs escaping.
    ///   - bytesMax: what the list may come to; the first element is written however long it is.
    package init(beginning name: String, bytesMax: Int = .max) {
        self.bytesMax = bytesMax
        writer.writeRaw("{\"\(name)\":[")
    }

    /// Adds an element.
    ///
    /// - Returns: whether it was added: it fits.
    package mutating func add(_ element: some JSONWritable) -> Bool {
        let before = writer.bytes.count
        if count > 0 { writer.writeRaw(",") }
        writer.write(element.json)
        guard count == 0 || writer.bytes.count <= bytesMax else {
            writer.cut(to: before)
            return false
        }
        count += 1
        return true
    }

    /// What has been written since the last call: a piece of the answer.
    package mutating func take() -> [UInt8] { writer.take() }

    /// Ends the list.
    ///
    /// - Parameter rest: the members that follow it, an object with at least one.
    /// - Returns: what has not been taken.
    package mutating func finish(_ rest: JSONValue) -> [UInt8] {
        writer.writeRaw("],")
        var members = JSONCoding.encode(rest)
        members.removeFirst()
        return writer.take() + members
    }
}
