import TalkootCore

/// One map of a manifest: hands out its fields by name and refuses a name that the schema does not have.
///
/// Every refusal says the file, the line, the field, what it holds and what is allowed.
struct FieldReader {
    let file: String
    let path: String
    let line: Int
    private let entries: [(key: String, value: DocumentNode)]

    init(_ node: DocumentNode, file: String, path: String, known: [String]) throws(TalkootError) {
        self.file = file
        self.path = path
        line = node.line
        guard case .map(let entries) = node.content else {
            throw Self.fault(
                file, node.line, "\(path.isEmpty ? "the manifest" : path) is \(node.kind)", "a map with \(known.joined(separator: ", "))")
        }
        self.entries = entries
        for (key, value) in entries where !known.contains(key) {
            throw Self.fault(file, value.line, "unknown field \(Self.join(path, key))", known.joined(separator: ", "))
        }
    }

    /// The refusal of a field: what it is and what it may be.
    func fault(_ key: String, _ problem: String, allowed: String) -> TalkootError {
        Self.fault(file, optional(key)?.line ?? line, "\(Self.join(path, key)) \(problem)", allowed)
    }

    private static func fault(_ file: String, _ line: Int, _ problem: String, _ allowed: String) -> TalkootError {
        let place = line > 0 ? "\(file) line \(line)" : file
        return TalkootError(.badData, "\(place): \(problem)", remedy: "allowed: \(allowed)")
    }

    private static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func name(of key: String) -> String { Self.join(path, key) }

    /// The field, unless it is missing or empty.
    func optional(_ key: String) -> DocumentNode? {
        guard let node = entries.first(where: { $0.key == key })?.value else { return nil }
        if case .absent = node.content { return nil }
        return node
    }

    /// A text of any length.
    func text(_ key: String, allowed: String) throws(TalkootError) -> String {
        guard let text = try optionalText(key, allowed: allowed) else { throw fault(key, "is missing", allowed: allowed) }
        return text
    }

    func optionalText(_ key: String, allowed: String) throws(TalkootError) -> String? {
        guard let node = optional(key) else { return nil }
        guard case .scalar(let text, _) = node.content else { throw fault(key, "is \(node.kind)", allowed: allowed) }
        return text
    }

    /// A text that some type can read.
    func value<Value>(_ key: String, allowed: String, _ read: (String) -> Value?) throws(TalkootError) -> Value {
        let text = try text(key, allowed: allowed)
        guard let value = read(text) else { throw fault(key, "is `\(text.prefix(60))`", allowed: allowed) }
        return value
    }

    func optionalValue<Value>(_ key: String, allowed: String, _ read: (String) -> Value?) throws(TalkootError) -> Value? {
        optional(key) == nil ? nil : try value(key, allowed: allowed, read)
    }

    /// One line of at most ``PackageLimits/lineBytes``.
    func line(_ key: String) throws(TalkootError) -> String {
        let allowed = "one line of at most \(PackageLimits.lineBytes) bytes"
        return try value(key, allowed: allowed) { text in
            let isLine = text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
            return isLine && !text.isEmpty && text.utf8.count <= PackageLimits.lineBytes ? text : nil
        }
    }

    /// The elements of a list; none when it is missing.
    func list(_ key: String, limit: Int) throws(TalkootError) -> [DocumentNode] {
        guard let node = optional(key) else { return [] }
        let allowed = "a list of at most \(limit)"
        guard case .list(let list) = node.content else { throw fault(key, "is \(node.kind)", allowed: allowed) }
        guard list.count <= limit else { throw fault(key, "has \(list.count) elements", allowed: allowed) }
        return list
    }

    /// The entries of a map; none when it is missing.
    func map(_ key: String, limit: Int) throws(TalkootError) -> [(key: String, value: DocumentNode)] {
        guard let node = optional(key) else { return [] }
        let allowed = "a map of at most \(limit)"
        guard case .map(let map) = node.content else { throw fault(key, "is \(node.kind)", allowed: allowed) }
        guard map.count <= limit else { throw fault(key, "has \(map.count) entries", allowed: allowed) }
        return map
    }

    /// A map as a reader of its own; `nil` when it is missing.
    func group(_ key: String, known: [String]) throws(TalkootError) -> FieldReader? {
        guard let node = optional(key) else { return nil }
        return try FieldReader(node, file: file, path: name(of: key), known: known)
    }
}
