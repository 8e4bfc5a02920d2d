/// A value of a YAML or JSON document, before it means anything.
struct DocumentNode {
    enum Content {
        case scalar(String, isQuoted: Bool)
        case list([DocumentNode])
        case map([(key: String, value: DocumentNode)])
        case absent
    }

    var content: Content
    /// The line it starts on, from 1; 0 when unknown.
    var line: Int

    /// The kind of value, for messages.
    var kind: String {
        switch content {
        case .scalar(let text, _): "`\(text.prefix(60))`"
        case .list: "a list"
        case .map: "a map"
        case .absent: "empty"
        }
    }
}

/// Why a document cannot be read, with its line.
struct DocumentFault: Error {
    var line: Int
    var reason: String
}
