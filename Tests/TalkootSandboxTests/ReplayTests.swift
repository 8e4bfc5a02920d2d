import Foundation
import TalkootCore
import TalkootSandbox
import Testing

@Suite("Capsules of failed units and their replay")
struct ReplayTests {
    /// A module that ends in the way that its unit's number asks for, and its input's first byte.
    private static let module = Result {
        try Workshop.library(
            run: """
                const char *input = unit->input.data;
                host->log(host, 1, "here I am");
                if (unit->input.size < 1 || input[0] != '0' + (char)unit->index) return host->fail(host, "not my input");
                switch (unit->index) {
                case 1: return host->fail(host, "too\\nbad");
                case 2: *(volatile int *)8 = 1;
                case 3: socket(AF_INET, SOCK_STREAM, 0);
                case 4: for (;;);
                case 5: return host->write(host, calloc(1, 5000), 5000);
                case 6: exit(3);
                case 7: host->integer(host, "missing");
                }
                return host->write(host, &unit->seed, 8);
                """)
    }

    private static var limits: CellLimits {
        var limits = Workshop.limits
        (limits.unitWallSeconds, limits.outputBytes) = (0.3, 4096)
        return limits
    }

    private static func label(_ store: CapsuleStore, job: UInt64 = 5) throws -> CapsuleLabel {
        CapsuleLabel(
            store: store, job: JobID(rawValue: job), module: try #require(Digest(String(repeating: "0", count: 64))), name: "sample",
            version: try #require(SemanticVersion("1.0.0")))
    }

    private static func directory() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("talkoot-capsules-\(UUID().uuidString)").path
    }

    @Test("Each unit that fails leaves a capsule, whose replay ends the same way; a unit that works leaves none")
    func replay() throws {
        let store = CapsuleStore(directory: Self.directory(), program: "talkoot/test")
        defer { try? FileManager.default.removeItem(atPath: store.directory) }
        let launcher = try Workshop.launcher()
        let settings = CellSettings(library: try Self.module.get(), limits: Self.limits)
        let runner = RangeRunner(
            launcher: launcher, settings: settings, shape: JobShape(items: 9, itemsPerUnit: 1), seed: 11, capsules: try Self.label(store))
        var failures: [UInt64: UnitOutcome] = [:]
        try runner.run(
            0..<9, stop: StopLine(.max),
            input: { units in
                (
                    Array("0 1 2 3 4 5 6 7 8 ".utf8.dropFirst(2 * Int(units.lowerBound))),
                    units.indices.map { 2 * Int($0 - units.lowerBound) + 2 }
                )
            }
        ) { finished in
            if let failure = finished.failure { failures[finished.units.lowerBound] = failure }
            return true
        }
        runner.close()
        #expect(Set(failures.keys) == [1, 2, 3, 4, 5, 6, 7])
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.directory).count == 7)
        for (unit, outcome) in failures {
            let capsule = try CapsuleStore.read(store.path(job: JobID(rawValue: 5), unit: unit))
            #expect(capsule.verdict == outcome)
            #expect(capsule.input == .bytes(Array("\(unit) ".utf8)))
            #expect(String(decoding: capsule.log, as: UTF8.self).contains("here I am"), "unit \(unit)")
            let replay = try Replay(capsule, library: settings.library, launcher: launcher)
            #expect(replay.verdict == outcome)
            #expect(replay.log.contains("here I am"))
        }
    }

    @Test("A capsule knows its unit's seed")
    func seed() throws {
        let launcher = try Workshop.launcher()
        var capsule = try Self.label(CapsuleStore(directory: Self.directory(), program: "")).capsule(
            unit: 8, shape: JobShape(items: 9, itemsPerUnit: 1), seed: 12345, parameters: [:], limits: Self.limits, verdict: .done,
            launcher: launcher)
        capsule.input = .bytes([UInt8(ascii: "8")])
        let cell = try launcher.launch(CellSettings(library: try Self.module.get(), limits: Self.limits))
        let result = cell.run(UnitBatch(units: 8..<9, shape: capsule.shape, seed: 12345, input: [UInt8(ascii: "8")], inputEnds: [1]))
        #expect(result.bytes == withUnsafeBytes(of: capsule.unitSeed.littleEndian) { Array($0) })
        #expect(try Replay(capsule, library: try Self.module.get(), launcher: launcher).verdict == .done)
    }

    @Test("What a constructor does is a verdict like any other, in the capsule and in the replay")
    func constructors() throws {
        let store = CapsuleStore(directory: Self.directory(), program: "talkoot/test")
        defer { try? FileManager.default.removeItem(atPath: store.directory) }
        let library = try Workshop.library(
            run: "return 0;", before: "__attribute__((constructor)) static void first(void) { kill(1, SIGKILL); }")
        let launcher = try Workshop.launcher()
        let runner = RangeRunner(
            launcher: launcher, settings: CellSettings(library: library, limits: Self.limits), shape: JobShape(items: 1, itemsPerUnit: 1),
            seed: 0, capsules: try Self.label(store))
        try runner.run(0..<1, stop: StopLine(.max), input: nil) { _ in true }
        let capsule = try CapsuleStore.read(store.path(job: JobID(rawValue: 5), unit: 0))
        guard case .forbidden("kill", _, let place) = capsule.verdict else {
            Issue.record("\(capsule.verdict)")
            return
        }
        #expect(place.hasPrefix("first ("))
        #expect(try Replay(capsule, library: library, launcher: launcher).verdict == capsule.verdict)
    }

    @Test("A directory keeps a bounded number of capsules, the newest; a job writes a bounded number, each unit once")
    func bounds() throws {
        let launcher = try Workshop.launcher()
        let store = CapsuleStore(directory: Self.directory(), program: "talkoot/test")
        defer { try? FileManager.default.removeItem(atPath: store.directory) }
        func capsule(_ job: UInt64, _ unit: UInt64) throws -> Capsule {
            try Self.label(store, job: job).capsule(
                unit: unit, shape: JobShape(items: 100, itemsPerUnit: 1), seed: 0, parameters: [:], limits: Self.limits,
                verdict: .exited(status: 1), launcher: launcher)
        }
        for unit in 0..<UInt64(CapsuleStore.jobLimit) { #expect(store.keep(try capsule(1, unit))) }
        #expect(!store.keep(try capsule(1, 50)))
        #expect(!store.keep(try capsule(1, 0)))
        for job in 2..<UInt64(CapsuleStore.countLimit + 10) { #expect(store.keep(try capsule(job, 0))) }
        let names = try FileManager.default.contentsOfDirectory(atPath: store.directory)
        #expect(names.count == CapsuleStore.countLimit)
        #expect(!FileManager.default.fileExists(atPath: store.path(job: JobID(rawValue: 1), unit: 0)))
        #expect(FileManager.default.fileExists(atPath: store.path(job: JobID(rawValue: UInt64(CapsuleStore.countLimit + 9)), unit: 0)))
        let permissions = try FileManager.default.attributesOfItem(atPath: store.directory + "/" + names[0])[.posixPermissions]
        #expect(permissions as? Int == 0o600)
    }

    @Test("Large capsules push the oldest out before the disk fills")
    func bytes() throws {
        let launcher = try Workshop.launcher()
        let store = CapsuleStore(directory: Self.directory(), program: "talkoot/test")
        defer { try? FileManager.default.removeItem(atPath: store.directory) }
        var capsule = try Self.label(store).capsule(
            unit: 0, shape: JobShape(items: 1, itemsPerUnit: 1), seed: 0, parameters: [:], limits: Self.limits, verdict: .exited(status: 1),
            launcher: launcher)
        capsule.input = .bytes(Array(repeating: 1, count: Capsule.inputLimitBytes))
        for job in 0..<20 {
            capsule.job = JobID(rawValue: UInt64(job))
            #expect(store.keep(capsule))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.directory).count == 15)
    }

    @Test("A file that is no capsule, or is not there, is refused")
    func refused() throws {
        let missing = #expect(throws: TalkootError.self) { try CapsuleStore.read("/nowhere/x") }
        #expect(missing?.code == .notFound)
        let device = #expect(throws: TalkootError.self) { try CapsuleStore.read("/dev/zero") }
        #expect(device?.code == .badData)
        let directory = #expect(throws: TalkootError.self) { try CapsuleStore.read("/") }
        #expect(directory?.code == .inputOutput)
    }
}
