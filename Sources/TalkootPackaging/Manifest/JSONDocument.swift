/// Reads JSON (RFC 8259) into document nodes: strict, bounded in depth and in values, no key twice.
struct JSONDocument {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var budget = PackageLimits.documentNodes

    static func parse(_ bytes: [UInt8]) throws(DocumentFault) -> DocumentNode {
        var document = JSONDocument(bytes: bytes)
        let root = try document.value(depth: 0)
        document.skipSpace()
        guard document.position == bytes.count else { throw document.fault("text after the end") }
        return root
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func fault(_ reason: String) -> DocumentFault { DocumentFault(line: line, reason: "not JSON: \(reason)") }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            if byte == 0x0A { line += 1 }
            position += 1
        }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(DocumentFault) {
        guard accept(character) else { throw fault("`\(character)` expected") }
    }

    private mutating func value(depth: Int) throws(DocumentFault) -> DocumentNode {
        guard depth <= PackageLimits.depth else { throw fault("nested deeper than \(PackageLimits.depth)") }
        budget -= 1
        guard budget > 0 else { throw fault("more than \(PackageLimits.documentNodes) values") }
        skipSpace()
        let start = line
        let content: DocumentNode.Content
        switch next {
        case UInt8(ascii: "{"): content = .map(try map(depth: depth))
        case UInt8(ascii: "["): content = .list(try list(depth: depth))
        case UInt8(ascii: "\""): content = .scalar(try string(), isQuoted: true)
        default: content = try word()
        }
        return DocumentNode(content: content, line: start)
    }

    private mutating func map(depth: Int) throws(DocumentFault) -> [(key: String, value: DocumentNode)] {
        try expect("{")
        var entries: [(key: String, value: DocumentNode)] = []
        var keys: Set<[UInt8]> = []
        if accept("}") { return entries }
        repeat {
            skipSpace()
            let key = try string()
            guard keys.insert(Array(key.utf8)).inserted else { throw fault("the key \(key) is there twice") }
            try expect(":")
            entries.append((key, try value(depth: depth + 1)))
        } while accept(",")
        try expect("}")
        return entries
    }

    private mutating func list(depth: Int) throws(DocumentFault) -> [DocumentNode] {
        try expect("[")
        var elements: [DocumentNode] = []
        if accept("]") { return elements }
        repeat { elements.append(try value(depth: depth + 1)) } while accept(",")
        try expect("]")
        return elements
    }

    /// A number, `true`, `false` or `null`: kept as text, which its reader understands by the field's type.
    private mutating func word() throws(DocumentFault) -> DocumentNode.Content {
        let start = position
        while let byte = next, byte > 0x20, !",:]}[{\"".utf8.contains(byte) { position += 1 }
        guard position > start, let text = String(validating: bytes[start..<position], as: UTF8.self) else {
            throw fault("a value expected")
        }
        if text == "null" { return .absent }
        guard text == "true" || text == "false" || text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else {
            throw fault("a word that is no value")
        }
        return .scalar(text, isQuoted: false)
    }

    private mutating func string() throws(DocumentFault) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else { throw fault("text that is not UTF-8") }
                return result
            case UInt8(ascii: "\\"): text += try escaped()
            case 0..<0x20: throw fault("a control character in text")
            default: text.append(byte)
            }
        }
        throw fault("text without an end")
    }

    private mutating func escaped() throws(DocumentFault) -> [UInt8] {
        guard let byte = next else { throw fault("text without an end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "u"):
            var code = try fourDigits()
            if (0xD800..<0xDC00).contains(code) {
                guard next == UInt8(ascii: "\\"), position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "u") else {
                    throw fault("half a surrogate pair")
                }
                position += 2
                let low = try fourDigits()
                guard (0xDC00..<0xE000).contains(low) else { throw fault("half a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fault("half a surrogate pair") }
            return Array(String(Character(scalar)).utf8)
        default: throw fault("an unknown escape")
        }
    }

    private mutating func fourDigits() throws(DocumentFault) -> UInt32 {
        guard position + 4 <= bytes.count else { throw fault("text without an end") }
        let digits = bytes[position..<position + 4]
        guard digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("four hexadecimal digits expected") }
        position += 4
        return code
    }
}
