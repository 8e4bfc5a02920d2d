import Yams

/// Reads YAML into document nodes, bounded in depth and in values.
enum YAMLDocument {
    static func parse(_ text: String) throws(DocumentFault) -> DocumentNode {
        guard count(UInt8(ascii: "&"), in: text) == 0 || count(UInt8(ascii: "*"), in: text) <= PackageLimits.aliases else {
            throw DocumentFault(line: 0, reason: "more than \(PackageLimits.aliases) aliases")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw fault(of: error)
        } catch {
            throw DocumentFault(line: 0, reason: "not YAML: \(error)")
        }
        guard let root else { throw DocumentFault(line: 1, reason: "the file is empty") }
        var budget = PackageLimits.documentNodes
        return try convert(root, depth: 0, budget: &budget)
    }

    /// How many anchors (&) or aliases (*) there are at most. The parser compares keys with all that their aliases stand for, so that a few dozens,
    /// each of two others, would keep it busy for ever.
    private static func count(_ mark: UInt8, in text: String) -> Int {
        zip(text.utf8, text.utf8.dropFirst()).count { byte, next in
            byte == mark && (65...90 ~= next || 97...122 ~= next || 48...57 ~= next || "_-".utf8.contains(next))
        }
    }

    private static func convert(_ node: Node, depth: Int, budget: inout Int) throws(DocumentFault) -> DocumentNode {
        let line = node.mark?.line ?? 0
        guard depth <= PackageLimits.depth else { throw DocumentFault(line: line, reason: "nested deeper than \(PackageLimits.depth)") }
        budget -= 1
        guard budget > 0 else { throw DocumentFault(line: line, reason: "more than \(PackageLimits.documentNodes) values") }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            let isAbsent = isPlain && ["", "~", "null"].contains(scalar.string)
            return DocumentNode(content: isAbsent ? .absent : .scalar(scalar.string, isQuoted: !isPlain), line: line)
        case .sequence(let sequence):
            var list: [DocumentNode] = []
            for element in sequence { list.append(try convert(element, depth: depth + 1, budget: &budget)) }
            return DocumentNode(content: .list(list), line: line)
        case .mapping(let mapping):
            var map: [(key: String, value: DocumentNode)] = []
            for (key, value) in mapping {
                guard case .scalar(let scalar) = key else { throw DocumentFault(line: line, reason: "a key that is not text") }
                map.append((scalar.string, try convert(value, depth: depth + 1, budget: &budget)))
            }
            return DocumentNode(content: .map(map), line: line)
        case .alias:
            throw DocumentFault(line: line, reason: "an alias that is not resolved")
        }
    }

    private static func fault(of error: YamlError) -> DocumentFault {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            DocumentFault(line: mark.line, reason: "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            DocumentFault(line: context.mark.line, reason: "the key \(duplicates.sorted().joined(separator: ", ")) is there twice")
        default:
            DocumentFault(line: 0, reason: "not YAML: \(error)")
        }
    }
}
