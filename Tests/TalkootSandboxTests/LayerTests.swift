import Foundation
import TalkootCore
import TalkootTesting
import Testing

@testable import TalkootSandbox

/// Cells of an ordinary user, with one layer or with none: what each layer stops by itself. With none an attack must get through,
/// or it would show nothing.
@Suite("Each layer alone")
struct LayerTests {
    @Test("An ordinary user's cells stop every attack as root's do, with and without namespaces", .enabled(if: geteuid() == 0))
    func ordinaryUser() async throws {
        let directory = try HostileModule.leave()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        await #expect(processExitsWith: .success) { [directory = directory as String] in
            try OrdinaryUser.become(in: directory)
            let library = try HostileModule.left(in: directory)
            var surprises: [String] = []
            for layers in [LayerSet.all(isRoot: false), [.landlock, .limits, .filter]] {
                surprises += try HostileModule.surprises(HostileModule.suite(layers: layers, library: library))
            }
            try HostileModule.note(surprises, in: directory)
        }
        for line in try HostileModule.noted(in: directory) { Issue.record("\(line)") }
    }

    @Test("Each layer stops by itself what the table says, and without any layer those attacks get through")
    func alone() async throws {
        let directory = try HostileModule.leave()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        await #expect(processExitsWith: .success) { [directory = directory as String] in
            let wasRoot = geteuid() == 0
            try OrdinaryUser.become(in: directory)
            try HostileModule.note(Self.surprises(HostileModule.left(in: directory), wasRoot: wasRoot), in: directory)
        }
        for line in try HostileModule.noted(in: directory) { Issue.record("\(line)") }
    }

    private static let sets: [(layer: Attack.Layer?, set: LayerSet, policy: SystemCallPolicy)] = [
        (nil, [.filter], .everything), (.filter, [.filter], .standard), (.landlock, [.filter, .landlock], .everything),
        (.namespaces, [.filter, .namespaces, .userNamespace], .everything), (.limits, [.filter, .limits], .everything),
    ]

    private static func surprises(_ library: [UInt8], wasRoot: Bool) throws -> [String] {
        var surprises: [String] = []
        for (layer, set, policy) in sets {
            let suite = try HostileModule.suite(layers: set, policy: policy, library: library)
            for attempt in AttackSuite.attempts where attempt.moment == .run && isOfLayers(attempt.attack) {
                // The first thread of a test's process is over and keeps its user: after root's it stays root.
                if wasRoot, attempt.attack.name == "signal-parent" { continue }
                let finding = try suite.perform(attempt)
                let layers = attempt.attack.layers
                let mustStop = layer.map(layers.contains) ?? false
                // A program that took the cell's place has no handler: it dies of its first open.
                let isThrough = finding.isThrough || finding.verdict == .killed
                let isRight = mustStop ? !isThrough : isThrough || layers.contains(.rights)
                guard !isRight else { continue }
                surprises.append("\(attempt.attack.name) with \(layer?.rawValue ?? "nothing") alone: \(finding.verdict.summary)")
            }
        }
        return surprises
    }

    /// Whether layers stop it, which can be left out, and not the agent; and whether it may be let loose. Without the filter libc's
    /// own open still ends in the cell's handler, and a filter of any kind kills calls of another architecture.
    private static func isOfLayers(_ attack: Attack) -> Bool {
        let optional: Set<Attack.Layer> = [.filter, .landlock, .namespaces, .limits]
        return !attack.isDestructive && attack.name != "open-libc" && attack.verdict != .killed && !optional.isDisjoint(with: attack.layers)
    }
}

extension SystemCallPolicy {
    /// As good as no filter. A cell without one could not load a module: ld.so opens it through the handler of stopped calls. ld.so
    /// gives the directory as 32 bits, and an attack by the bare call as 64 bits with a sign.
    fileprivate static var everything: SystemCallPolicy {
        let names = (0..<600).compactMap { Architecture.native.name(of: $0) }.filter { $0 != "openat" }
        let bare = NamedNumber(name: "AT_FDCWD", value: UInt64(bitPattern: Int64(AT_FDCWD)))
        return SystemCallPolicy(rules: [
            SystemCallRule(calls: names, answer: .allow, reason: "no filter"),
            SystemCallRule(calls: ["openat"], conditions: [.flags(0, "dirfd", [bare])], answer: .allow, reason: "no filter"),
            SystemCallRule(calls: ["openat"], answer: .handler(.open), reason: "ld.so"),
        ])
    }
}

extension HostileModule {
    /// Leaves the library where an ordinary user finds it, in a directory that is to be removed.
    static func leave() throws -> String {
        let directory = try OrdinaryUser.makeDirectory()
        try Data(library()).write(to: URL(fileURLWithPath: directory + "/module.so"))
        return directory
    }

    /// The library that was left.
    static func left(in directory: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: directory + "/module.so")))
    }

    /// In a process of its own: leaves lines for the test that started it.
    static func note(_ lines: [String], in directory: String) throws {
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: directory + "/lines"))
    }

    /// The lines that the process left, which must be there.
    static func noted(in directory: String) throws -> [Substring] {
        try String(contentsOfFile: directory + "/lines", encoding: .utf8).split(separator: "\n")
    }
}
