import Glibc
import TalkootCore
import TalkootTesting
import Testing

@testable import TalkootSandbox

/// Nothing in the policy is there for nothing: honest code, a small module in a real cell, misses each call, value and flag of each
/// line when it is taken away.
@Suite("Every part of the policy is needed")
struct PolicyRedundancyTests {
    /// Elements that every cell needs, before and beside the module's own calls.
    private static let everyCell: Set<String> = ["read#1", "write#1"]
    /// The ends of those cases that end their cell as they should.
    private static let ends: [String: UnitOutcome] = ["exit_group": .exited(status: 7), "writev": .crashed(signal: SIGABRT, place: "")]

    private let bench: HonestBench

    init() throws { bench = try HonestBench() }

    @Test("Honest code, a case for each element, gets what the policy promises")
    func content() throws {
        let names = try bench.cases()
        for element in PolicyElement.all(of: .standard) where !element.isAround && !Self.everyCell.contains(element.description) {
            #expect(names.contains(element.description), "Modules/honest.c has no case \(element)")
        }
        #expect(Set(names).count == names.count)
        for (number, name) in names.enumerated() {
            let found = bench.outcome(unit: number, policy: .standard)
            #expect(Self.isSame(found, Self.ends[name] ?? .done), "\(name): \(found.summary)")
        }
        #expect(bench.outcome(unit: 0, policy: .standard, library: bench.moved) == .done)
        #expect(bench.outcome(unit: 0, policy: .standard, isolation: .unit) == .done)
    }

    @Test("Without any one call, value or flag a module ends otherwise")
    func needed() throws {
        let names = try bench.cases()
        let elements = PolicyElement.all(of: .standard)
        #expect(Set(names).isSubset(of: elements.map(\.description)), "Modules/honest.c has cases for what is not in the policy")
        for element in elements {
            let number = names.firstIndex(of: element.description) ?? 0
            let library = element.call == "pread64" ? bench.moved : bench.library
            let isolation: Isolation = element.scope == .template ? .unit : .job
            let found = bench.outcome(
                unit: number, policy: SystemCallPolicy(rules: element.rest), library: library, isolation: isolation)
            #expect(!Self.isSame(found, Self.ends[element.description] ?? .done), "nothing misses \(element): delete it")
        }
    }

    private static func isSame(_ found: UnitOutcome, _ expected: UnitOutcome) -> Bool {
        if case (.crashed(let one, _), .crashed(let other, _)) = (found, expected) { return one == other }
        return found == expected
    }
}

extension PolicyElement {
    /// Whether it is not the module's own code that needs it.
    fileprivate var isAround: Bool { scope == .loading || scope == .template }
}

/// Cells with any policy round the module of honest cases.
private struct HonestBench: Sendable {
    let library: LibraryImage
    /// The same with its program headers at the end of the file, as tools that rewrite libraries put them: ld.so needs pread64 for them.
    let moved: LibraryImage
    private let spawner: Spawner
    private let path: String
    private let layers: LayerSet

    init() throws {
        let bytes = try Workshop.module(bytes: "honest.c")
        library = try LibraryImage(bytes: bytes)
        moved = try LibraryImage(bytes: Self.movingHeaders(of: bytes))
        spawner = try Spawner(path: BuiltProduct.path("talkoot-cell"))
        path = try BuiltProduct.path("talkoot-cell")
        layers = try LevelProbe(starter: CellStarter(cellPath: path, spawner: spawner)).layers
    }

    /// The names of the module's cases, in the order of their numbers.
    func cases() throws -> [String] {
        let result = try start(library, .standard).run(Workshop.batch(UInt64(UInt32.max)..<UInt64(UInt32.max) + 1))
        return String(decoding: result.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// What becomes of a case under a policy, a failed start included.
    func outcome(unit: Int, policy: SystemCallPolicy, library: LibraryImage? = nil, isolation: Isolation = .job) -> UnitOutcome {
        do throws(LaunchFault) {
            let cell = try start(library ?? self.library, policy, isolation)
            return cell.run(Workshop.batch(UInt64(unit)..<UInt64(unit) + 1)).failure?.outcome ?? .done
        } catch {
            switch error {
            case .module(let outcome): return outcome
            case .machine, .step:
                Issue.record("\(error.talkootError)")  // says nothing about the policy
                return .done
            }
        }
    }

    /// With two threads, or one for each unit's process: what a template does for it, libc does for any thread.
    private func start(
        _ library: LibraryImage, _ policy: SystemCallPolicy, _ isolation: Isolation = .job
    ) throws(LaunchFault) -> Cell {
        var limits = Workshop.limits
        limits.threads = isolation == .job ? 2 : 1
        return try CellStarter(cellPath: path, spawner: spawner, policy: policy).start(
            CellSettings(library: library, limits: limits, isolation: isolation), layers: layers)
    }

    private static func movingHeaders(of library: [UInt8]) -> [UInt8] {
        func number(_ place: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 | Int(library[place + $1]) << (8 * $1) } }
        let headers = library[number(32, 8)..<number(32, 8) + 56 * number(56, 2)]
        var bytes = library + [UInt8](repeating: 0, count: (8 - library.count % 8) % 8)
        for index in 0..<8 { bytes[32 + index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index)) }
        return bytes + headers
    }
}
