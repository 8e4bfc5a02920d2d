import Foundation
import Synchronization
import Testing

/// A file of this repository that a test makes: compared, or written anew with TALKOOT_REGENERATE=1 (`make golden`).
enum GoldenFile {
    static let isRegenerating = ProcessInfo.processInfo.environment["TALKOOT_REGENERATE"] == "1"

    /// The folder of the package.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Compares a text with the file of this name in Golden, line by line, each up to a `#`.
    static func compare(_ text: String, with name: String) throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden").appendingPathComponent(name)
        if isRegenerating {
            try text.write(to: url, atomically: true, encoding: .utf8)
            return
        }
        let expected = try String(contentsOf: url, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
        let found = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) where found.prefix(while: { $0 != "#" }) != expected.prefix(while: { $0 != "#" }) {
            Issue.record("\(name) has \"\(expected)\", found \"\(found)\"; if that is meant, run `make golden` and read the change")
        }
    }

    /// One section at a time: several may lie in one file.
    private static let writing = Mutex(())

    /// Compares a text with what stands in a document between `<!-- NAME: made by `make golden` -->` and `<!-- NAME: end -->`.
    static func compare(_ text: String, withSection name: String, of path: String) throws {
        try writing.withLock { _ in
            let url = root.appendingPathComponent(path)
            let whole = try String(contentsOf: url, encoding: .utf8)
            let start = try #require(whole.range(of: "<!-- \(name): made by `make golden` -->\n")).upperBound
            let end = try #require(whole.range(of: "<!-- \(name): end -->")).lowerBound
            guard whole[start..<end] != text else { return }
            if isRegenerating {
                try (whole[..<start] + text + whole[end...]).write(to: url, atomically: true, encoding: .utf8)
            } else {
                Issue.record("\(path) does not hold the table \(name) as the code makes it: run `make golden` and read the change")
            }
        }
    }
}
