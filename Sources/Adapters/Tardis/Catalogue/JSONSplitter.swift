// Splits a JSON object of any size as it arrives, so that it is never in memory as a whole. Whether
// the parts are well-formed (RFC 8259) is checked where they are decoded.

/// Splits an object into the elements of one of its arrays, and a skeleton: the same object with
/// all arrays empty.
struct JSONSplitter {
    /// The object so far, with its arrays empty.
    private(set) var skeleton: [UInt8] = []
    /// An element is no object, or a part is too large.
    private(set) var isRefused = false

    /// The names of the members that lead to the array.
    private let path: [[UInt8]]
    /// The names of the members being read, from the outermost object that is open to the
    /// innermost, outside arrays.
    private var names: [[UInt8]] = []
    /// The last text outside arrays: a name, where a colon follows.
    private var text: [UInt8] = []
    private var isInText = false
    private var isEscaped = false
    /// Arrays and objects that are open within an array of the skeleton, itself included.
    private var depth = 0
    private var isWanted = false
    private var element: [UInt8] = []

    private static let skeletonBytesMax = 1 << 20
    private static let elementBytesMax = 64 * 1024
    private static let namesMax = 32

    /// - Parameter path: such as `["datasets", "symbols"]`.
    init(elementsOf path: [String]) {
        self.path = path.map { Array($0.utf8) }
    }

    /// Takes the next bytes.
    ///
    /// - Parameter found: called with each complete element.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ found: ([UInt8]) -> Void) {
        for byte in bytes {
            if isRefused { return }
            if depth > 0 { takeInArray(byte, found) } else { takeOutside(byte) }
        }
    }

    private mutating func takeOutside(_ byte: UInt8) {
        skeleton.append(byte)
        isRefused = skeleton.count > Self.skeletonBytesMax
        let wasInText = isInText
        follow(text: byte)
        if isInText || wasInText {
            if wasInText, isInText { text.append(byte) } else if isInText { text = [] }
            return
        }
        switch byte {
        case UInt8(ascii: "{"):
            names.append([])
            if names.count > Self.namesMax { isRefused = true }
        case UInt8(ascii: "}"):
            if names.popLast() == nil { isRefused = true }
        case UInt8(ascii: ":"):
            if names.isEmpty { isRefused = true } else { names[names.count - 1] = text }
        case UInt8(ascii: "["):
            depth = 1
            isWanted = names == path
        default: break
        }
    }

    private mutating func takeInArray(_ byte: UInt8, _ found: ([UInt8]) -> Void) {
        let wasInText = isInText
        follow(text: byte)
        let isText = isInText || wasInText
        if !isText, byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { depth += 1 }
        if isWanted { append(byte, isText: isText) }
        guard !isText, byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") else { return }
        depth -= 1
        if depth == 0 {
            skeleton.append(byte)
            isWanted = false
        } else if depth == 1, isWanted {
            found(element)
            element.removeAll(keepingCapacity: true)
        }
    }

    /// A byte of the wanted array: of an element, or between two.
    private mutating func append(_ byte: UInt8, isText: Bool) {
        if depth > 1 {
            element.append(byte)
            if element.count == 1, byte != UInt8(ascii: "{") { isRefused = true }
            if element.count > Self.elementBytesMax { isRefused = true }
        } else if isText || !", \t\r\n]".utf8.contains(byte) {
            isRefused = true
        }
    }

    /// Keeps track of where texts begin and end.
    private mutating func follow(text byte: UInt8) {
        guard isInText else {
            isInText = byte == UInt8(ascii: "\"")
            return
        }
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInText = false
        }
    }
}
