import Foundation
import TalkootCheck
import TalkootCore
import TalkootPackaging
import TalkootTesting
import Testing

/// A module of a few lines of C in a directory of its own, and its check.
struct CheckedModule {
    private static let frame = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Modules/frame.h").path
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path

    let directory: String

    /// Writes it; the sample has 40 items, its output is not looked at.
    init(_ source: String, yaml: String = "", parameters: String = "", threads: Int = 1) throws {
        directory = FileManager.default.temporaryDirectory.path + "/talkoot-check-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: directory + "/src", withIntermediateDirectories: true)
        let manifest = """
            name: tried
            version: 1.0.0
            summary: Is tried.
            license: Apache-2.0
            parameters:
              items: {type: integer, default: 40, minimum: 0, maximum: 1000}
            \(parameters)
            output: {name: out.bin, media-type: application/octet-stream}
            resources: {memory: 64 MiB, threads: \(threads)}
            \(yaml)
            """
        try Data(manifest.utf8).write(to: URL(fileURLWithPath: directory + "/module.yaml"))
        let code = "#include \"frame.h\"\n" + source
        try Data(code.utf8).write(to: URL(fileURLWithPath: directory + "/src/tried.c"))
        try FileManager.default.copyItem(atPath: Self.frame, toPath: directory + "/src/frame.h")
    }

    static let anySample =
        "samples: [{output-sha256: 0000000000000000000000000000000000000000000000000000000000000000}]"

    /// How many processor levels this machine runs of what the builder makes.
    static func levels() throws -> Int { HostPlatform.current.names.contains("x86_64-v3-linux-gnu") ? 2 : 1 }

    /// Builds and checks it.
    func report(seed: UInt64 = 1) throws -> CheckReport {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        setenv("TALKOOT_SDK", Self.root, 1)
        var subject = try CheckSubject(directory: directory)
        try subject.fill(directory: directory)
        return try ModuleCheck(subject, cellPath: try BuiltProduct.path("talkoot-cell"), seed: seed).run()
    }
}

extension CheckReport {
    func finding(_ name: String) -> Finding? { findings.first { $0.name == name } }

    /// The points that failed, without the samples, whose output these tests do not know.
    var failed: [String] { findings.filter { $0.status == .failed && $0.name != "samples" }.map(\.name) }
}
