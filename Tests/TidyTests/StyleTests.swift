import Foundation
import Testing

/// The limits that keep a file readable in one sitting.
enum StyleLimit {
    static let fileLines = 400
    static let functionLines = 70
}

private func sources() throws -> [SourceFile] {
    try SourceTree.files(in: "Sources", endings: ["swift", "c", "h"])
        + SourceTree.files(in: "Modules", endings: ["swift", "c", "cpp", "h", "hpp"])
}

@Test("No source file is longer than its limit")
func fileLengths() throws {
    for file in try sources() + SourceTree.files(in: "Tests", endings: ["swift"]) {
        #expect(file.lines.count <= StyleLimit.fileLines, "\(file.path) has \(file.lines.count) lines")
    }
}

@Test("No function is longer than its limit")
func functionLengths() throws {
    for file in try sources() {
        for function in FunctionFinder.functions(in: file) {
            #expect(
                function.lineCount <= StyleLimit.functionLines,
                "\(file.path):\(function.firstLine) \(function.name) has \(function.lineCount) lines")
        }
    }
}

@Test("Every public declaration has a documentation comment")
func publicDeclarationsAreDocumented() throws {
    for file in try SourceTree.files(in: "Sources", endings: ["swift"]) where file.target != "talkoot" {
        for (index, line) in file.code.enumerated() where isPublicDeclaration(line) {
            #expect(isDocumented(file, index), "\(file.path):\(index + 1) \(line.trimmingCharacters(in: .whitespaces))")
        }
    }
}

@Test("Product code neither crashes on purpose nor silences the checks for data races")
func forbiddenWords() throws {
    let words = ["@unchecked Sendable", "nonisolated(unsafe)", "try!", "fatalError("]
    for file in try SourceTree.files(in: "Sources", endings: ["swift"]) {
        for (index, line) in file.code.enumerated() {
            for word in words where line.contains(word) {
                Issue.record("\(file.path):\(index + 1) has \(word)")
            }
        }
    }
}

@Test("Tests wait for events, never for time to pass")
func noSleepsInTests() throws {
    let words = ["Task.sleep", "usleep(", "Thread.sleep"]
    for file in try SourceTree.files(in: "Tests", endings: ["swift"]) where !file.path.contains("TidyTests") {
        for (index, line) in file.code.enumerated() {
            for word in words where line.contains(word) { Issue.record("\(file.path):\(index + 1) has \(word)") }
        }
    }
}

@Test("Nothing is left marked as unfinished")
func nothingUnfinished() throws {
    let marks = ["TO" + "DO", "FIX" + "ME", "X" + "XX:"]
    for file in try sources() {
        for (index, line) in file.lines.enumerated() {
            for mark in marks where line.contains(mark) { Issue.record("\(file.path):\(index + 1) has \(mark)") }
        }
    }
}

private func isPublicDeclaration(_ line: String) -> Bool {
    let trimmed = line.trimmingCharacters(in: .whitespaces)
    guard trimmed.hasPrefix("public ") || trimmed.hasPrefix("open ") || trimmed.hasPrefix("@inlinable public ") else { return false }
    let rest = trimmed.drop { $0 != " " }.dropFirst()
    return !rest.hasPrefix("import ") && !rest.hasPrefix("extension ") && !rest.hasPrefix("internal(set)")
}

/// A `///` line above the declaration, with attributes in between allowed.
private func isDocumented(_ file: SourceFile, _ index: Int) -> Bool {
    var above = index - 1
    while above >= 0 {
        let line = file.lines[above].trimmingCharacters(in: .whitespaces)
        if line.hasPrefix("///") { return true }
        guard line.hasPrefix("@") || line.hasPrefix("#if") else { return false }
        above -= 1
    }
    return false
}
