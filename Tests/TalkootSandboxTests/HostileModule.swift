import Foundation
import TalkootCore
import TalkootTesting

@testable import TalkootSandbox

/// The hostile module of `Modules/hostile`, compiled once for all tests of this run.
enum HostileModule {
    /// Its library.
    static func library() throws -> [UInt8] { try ordinary.get() }

    /// The same code linked to an address below 4 GiB, where 32-bit code can reach it.
    static func lowLibrary() throws -> [UInt8] { try low.get() }

    private static let ordinary = Result { try compile([]) }
    private static let low = Result { try compile(["-Wl,-Ttext-segment=0x20000000"]) }

    private static func compile(_ flags: [String]) throws -> [UInt8] {
        let sources = Workshop.root.appendingPathComponent("Modules/hostile/src")
        let files = try FileManager.default.contentsOfDirectory(atPath: sources.path).filter { $0.hasSuffix(".c") }.sorted()
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("talkoot-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        return try Workshop.link(
            files.map { sources.appendingPathComponent($0).path }, flags: ["-Wall", "-Wextra", "-Werror", "-Wl,-z,defs,-z,now"] + flags,
            in: directory)
    }

    /// The suite in cells with these layers.
    static func suite(layers: LayerSet, policy: SystemCallPolicy = .standard, library: [UInt8]) throws -> AttackSuite {
        let path = try BuiltProduct.path("talkoot-cell")
        let starter = CellStarter(cellPath: path, spawner: try Spawner(path: path), policy: policy)
        return try AttackSuite(starter: starter, layers: layers, library: library)
    }

    /// The attempts that did not end as the table says, in words.
    static func surprises(_ suite: AttackSuite) throws -> [String] {
        try AttackSuite.attempts.compactMap { attempt in
            let finding = try suite.perform(attempt)
            guard !finding.isExpected else { return nil }
            let name = "\(attempt.number) \(attempt.attack.name) in \(attempt.moment.rawValue)"
            return "\(name): \(finding.verdict.summary), not \(attempt.attack.verdict.summary)"
        }
    }
}
