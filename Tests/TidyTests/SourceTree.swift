import Foundation
import Synchronization

/// The repository as text files, found from this file's own place.
enum SourceTree {
    /// The folder that holds `Package.swift`.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every file that has been read, by path: each test looks at most of them.
    private static let read = Mutex<[String: SourceFile]>([:])

    /// The file at a path from the root, read once.
    static func file(_ path: String) throws -> SourceFile {
        if let known = read.withLock({ $0[path] }) { return known }
        let file = try SourceFile(path: path)
        read.withLock { $0[path] = file }
        return file
    }

    /// The files below `folder` with one of the endings, sorted by path.
    static func files(in folder: String, endings: Set<String>) throws -> [SourceFile] {
        let base = root.appendingPathComponent(folder)
        guard let found = FileManager.default.enumerator(atPath: base.path) else { return [] }
        return try found.compactMap { $0 as? String }
            .filter { endings.contains(URL(fileURLWithPath: $0).pathExtension) && !$0.contains(".build") }
            .sorted()
            .map { try file(folder + "/" + $0) }
    }

    /// The names of the folders directly below `folder`.
    static func folders(in folder: String) throws -> Set<String> {
        let base = root.appendingPathComponent(folder)
        let names = try FileManager.default.contentsOfDirectory(atPath: base.path)
        return Set(names.filter { (try? base.appendingPathComponent($0).resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true })
    }
}

/// One text file.
struct SourceFile {
    /// The path from the repository's root.
    let path: String
    /// Its lines, as written.
    let lines: [String]
    /// Its lines with comments and the insides of strings blanked.
    let code: [String]

    init(path: String) throws {
        self.path = path
        let text = try String(contentsOf: SourceTree.root.appendingPathComponent(path), encoding: .utf8)
        lines = text.components(separatedBy: "\n")
        code = CodeStripper.strip(text).components(separatedBy: "\n")
    }

    /// The folder below `Sources`.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
}

/// Blanks comments and strings, so that braces and keywords in them do not count.
enum CodeStripper {
    private enum State { case code, lineComment, blockComment(Int), string, longString, character }

    static func strip(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var state = State.code
        var position = 0
        while position < bytes.count {
            let step = next(bytes, position, &state)
            for offset in 0..<step.count {
                let byte = bytes[position + offset]
                result.append(byte == 10 || step.keep ? byte : 32)
            }
            position += step.count
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func next(_ bytes: [UInt8], _ position: Int, _ state: inout State) -> (count: Int, keep: Bool) {
        func starts(_ text: StaticString) -> Bool {
            text.withUTF8Buffer { bytes[position...].starts(with: $0) }
        }
        switch state {
        case .code:
            guard [UInt8(ascii: "/"), UInt8(ascii: "\""), UInt8(ascii: "'")].contains(bytes[position]) else { return (1, true) }
            if starts("//") {
                state = .lineComment
            } else if starts("/*") {
                state = .blockComment(1); return (2, false)
            } else if starts("\"\"\"") {
                state = .longString; return (3, false)
            } else if starts("\"") {
                state = .string; return (1, false)
            } else if starts("'\\''") {
                return (4, false)
            } else if starts("'"), position + 2 < bytes.count, bytes[position + 2] == 39 {
                return (3, false)
            }
            return (1, true)
        case .lineComment:
            if bytes[position] == 10 { state = .code }
            return (1, false)
        case .blockComment(let depth):
            if starts("*/") { state = depth == 1 ? .code : .blockComment(depth - 1); return (2, false) }
            if starts("/*") { state = .blockComment(depth + 1); return (2, false) }
            return (1, false)
        case .string, .character:
            if starts("\\") { return (min(2, bytes.count - position), false) }
            if starts("\"") || bytes[position] == 10 { state = .code }
            return (1, false)
        case .longString:
            if starts("\"\"\"") { state = .code; return (3, false) }
            return (starts("\\") ? min(2, bytes.count - position) : 1, false)
        }
    }
}
