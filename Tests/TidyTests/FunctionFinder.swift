import Foundation

/// Finds function bodies by counting braces in stripped code.
enum FunctionFinder {
    /// One function with its length, signature included.
    struct Function {
        let name: String
        let firstLine: Int
        let lineCount: Int
    }

    static func functions(in file: SourceFile) -> [Function] {
        file.path.hasSuffix(".swift") ? swiftFunctions(file) : cFunctions(file)
    }

    /// `func`, `init`, `deinit` and `subscript` at any depth.
    private static func swiftFunctions(_ file: SourceFile) -> [Function] {
        let start = /^\s*(?:@\w+(?:\([^)]*\))?\s+|[a-z]+(?:\([a-z]+\))?\s+)*(?:func\s+(\S+?)|(init|deinit|subscript))[\s(<?{]/
        var found: [Function] = []
        for (index, line) in file.code.enumerated() {
            guard let match = try? start.firstMatch(in: line), let end = bodyEnd(file.code, from: index) else { continue }
            found.append(Function(name: String(match.1 ?? match.2 ?? ""), firstLine: index + 1, lineCount: end - index + 1))
        }
        return found
    }

    /// The line on which the first brace opened at or after `start` closes; `nil` for a declaration without body.
    private static func bodyEnd(_ code: [String], from start: Int) -> Int? {
        var depth = 0
        var round = 0
        for index in start..<code.count {
            for character in code[index].utf8 {
                switch character {
                case UInt8(ascii: "("): round += 1
                case UInt8(ascii: ")"): round -= 1
                case UInt8(ascii: "{") where round <= 0 || depth > 0: depth += 1
                case UInt8(ascii: "}") where depth > 0:
                    depth -= 1
                    if depth == 0 { return index }
                default: break
                }
            }
            if depth == 0, round <= 0, !continues(code, after: index) { return nil }
        }
        return nil
    }

    /// Whether the signature goes on below `index`.
    private static func continues(_ code: [String], after index: Int) -> Bool {
        guard let next = code[(index + 1)...].map({ $0.trimmingCharacters(in: .whitespaces) }).first(where: { !$0.isEmpty }) else {
            return false
        }
        return ["->", "where", "{", "throws", "async", ")"].contains { next.hasPrefix($0) }
    }

    /// A C function: a line at the left margin that opens a body, to the closing brace at the left margin.
    private static func cFunctions(_ file: SourceFile) -> [Function] {
        var found: [Function] = []
        var start: Int?
        for (index, line) in file.code.enumerated() {
            if start == nil, let first = line.utf8.first, first > 32, line.contains("("), !line.hasPrefix("#"), !line.contains(";") {
                start = index
            }
            if line.hasPrefix("}") || (start != nil && line.hasSuffix(";") && !line.hasPrefix(" ")) {
                if line.hasPrefix("}"), let start {
                    found.append(Function(name: file.lines[start], firstLine: start + 1, lineCount: index - start + 1))
                }
                start = nil
            }
        }
        return found
    }
}
