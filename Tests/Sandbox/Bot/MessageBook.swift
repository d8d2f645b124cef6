// The messages that the stand-in's Bot API accepted, shared by all event loops. It must not know
// how they came.

import Synchronization

/// Keeps accepted messages in order.
final class MessageBook: Sendable {
    /// An accepted message, as `GET /_sandbox/messages` shows it.
    struct Entry: Encodable, Sendable {
        var id: Int
        var chat: String
        /// As sent.
        var text: String
        /// As a reader sees it, entities parsed.
        var plain: String
        var parseMode: String?
        /// Milliseconds since 1970.
        var at: Int64

        private enum CodingKeys: String, CodingKey {
            case id = "message_id"
            case chat = "chat_id"
            case text
            case plain
            case parseMode = "parse_mode"
            case at = "at_ms"
        }
    }

    private let entries = Mutex<(last: Int, kept: [Entry])>((0, []))

    /// Keeps a message under the next number, and returns it so.
    func keep(_ message: Entry) -> Entry {
        entries.withLock { entries in
            entries.last += 1
            var message = message
            message.id = entries.last
            entries.kept.append(message)
            return message
        }
    }

    var all: [Entry] { entries.withLock { $0.kept } }

    func clear() {
        entries.withLock { $0.kept = [] }
    }
}
