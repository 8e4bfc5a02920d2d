import Foundation

/// A directory that is removed when the test is over.
struct TemporaryDirectory {
    let path: String

    static func with<Value>(_ body: (TemporaryDirectory) throws -> Value) throws -> Value {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        return try body(directory)
    }

    static func with<Value>(_ body: (TemporaryDirectory) async throws -> Value) async throws -> Value {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        return try await body(directory)
    }

    /// One that is there already, made by another process.
    init(existing path: String) { self.path = path }

    init() throws {
        path = NSTemporaryDirectory() + "talkoot-coordinator-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// The names of the files in it.
    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? [] }
}
