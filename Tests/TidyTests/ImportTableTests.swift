import Foundation
import Testing

/// The table in docs/architecture.md: which target may import what.
struct ImportTable {
    /// Allowed words by target.
    let rows: [String: Set<String>]

    init() throws {
        let file = try SourceFile(path: "docs/architecture.md")
        var rows: [String: Set<String>] = [:]
        for line in file.lines where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3 else { continue }
            let target = cells[0].trimmingCharacters(in: CharacterSet(charactersIn: "`"))
            rows[target] = Set(cells[2].components(separatedBy: ", "))
        }
        self.rows = rows
    }

    /// Whether a Swift file of `target` may import `module`.
    func allows(_ module: String, in target: String) -> Bool {
        guard let row = rows[target] else { return false }
        if ["Swift", "Synchronization", "_Concurrency"].contains(module) { return row.contains("stdlib") }
        if module == "Glibc" { return row.contains("libc") }
        if ["FoundationEssentials", "Foundation"].contains(module) { return row.contains("Foundation") }
        return row.contains(module)
    }
}

@Test("Every target stands in the import table, and every row is a target")
func tableIsComplete() throws {
    let table = try ImportTable()
    #expect(Set(table.rows.keys) == (try SourceTree.folders(in: "Sources")))
}

@Test("No target imports what its row in the table does not list")
func importsFollowTheTable() throws {
    let table = try ImportTable()
    let importLine =
        /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public |package |internal |private |fileprivate )?import\s+(?:struct |class |enum |func |protocol |var |let )?(\w+)/
    for file in try SourceTree.files(in: "Sources", endings: ["swift"]) {
        for (number, line) in file.code.enumerated() {
            guard let match = try importLine.firstMatch(in: line) else { continue }
            #expect(table.allows(String(match.1), in: file.target), "\(file.path):\(number + 1) imports \(match.1)")
        }
    }
}

@Test("The cell includes nothing but libc's, the kernel's and the ABI's headers")
func cellIncludes() throws {
    let files = try SourceTree.files(in: "Sources/talkoot-cell", endings: ["c", "h"])
    #expect(!files.isEmpty)
    for file in files {
        for line in file.lines where line.hasPrefix("#include") {
            let name = line.split(whereSeparator: { "<>\"".contains($0) }).dropFirst().first.map(String.init) ?? ""
            #expect(!name.contains("seccomp.h") || name == "linux/seccomp.h", "\(file.path): \(line)")
            #expect(!name.contains("swift"), "\(file.path): \(line)")
        }
    }
}
