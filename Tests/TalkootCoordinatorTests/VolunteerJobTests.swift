import Foundation
import Synchronization
import TalkootCoordinator
import TalkootCore
import TalkootPeer
import TalkootProtocol
import TalkootSandbox
import TalkootStore
import Testing

@Suite("A job on volunteers, over TLS", .timeLimit(.minutes(2)))
struct VolunteerJobTests {
    @Test("is done by two volunteers, who fetch the module and get every commit acknowledged")
    func honest() async throws {
        try await withJob(items: 3_000, itemsPerUnit: 3) { job, network in
            let volunteers = [try Self.numbersVolunteer(.honest, 3), try Self.numbersVolunteer(.honest, 3)]
            let coordinator = try job.submit()
            for (number, volunteer) in volunteers.enumerated() {
                try coordinator.addVolunteer(try await volunteer.listen(), name: "ann\(number)", network: network)
            }
            let summary = try await coordinator.run()
            #expect(try summary.outputBytes() == TestModules.numbersText(3_000))
            let package = [UInt8](try Data(contentsOf: URL(fileURLWithPath: job.module.packagePath)))
            for volunteer in volunteers where volunteer.record.withLock({ $0.grants }) > 0 {
                #expect(volunteer.record.withLock { $0.package } == package)
            }
            #expect(volunteers[0].acknowledgedUnits.union(volunteers[1].acknowledgedUnits).count > 0)
            #expect(coordinator.volunteers.reduce(0) { $0 + $1.units } >= 1_000)
            for volunteer in volunteers { await volunteer.shutdown() }
        }
    }

    @Test("gives each unit its own lines through fetches", arguments: 1...3 as ClosedRange<UInt64>)
    func lines(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let text = random.text(lines: 5_000)
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.capitals, in: directory)
            job.inputPath = try directory.write(text, to: "input")
            job.itemsPerUnit = UInt64.random(in: 1...40, using: &random)
            let network = try Self.network()
            let volunteer = try ScriptedVolunteer { _, line in line.map { (97...122).contains($0) ? $0 - 32 : $0 } }
            let coordinator = try job.submit()
            try coordinator.addVolunteer(try await volunteer.listen(), name: "ann", network: network)
            let output = try await coordinator.run(patienceSeconds: 60).outputBytes()
            #expect(coordinator.volunteers.allSatisfy { $0.isHopeful }, "\(coordinator.volunteers)")
            #expect(output == text.map { (97...122).contains($0) ? $0 - 32 : $0 }, "seed \(seed)")
            await volunteer.shutdown()
            await network.shutdown()
        }
    }

    @Test("never mistakes a volunteer that uses a stream's number again at once for a liar", arguments: 1...20 as ClosedRange<UInt64>)
    func streamReuse(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let text = random.text(lines: 300)
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.capitals, in: directory)
            job.inputPath = try directory.write(text, to: "input")
            job.itemsPerUnit = 1
            let network = try Self.network()
            let volunteer = try ScriptedVolunteer { _, line in line.map { (97...122).contains($0) ? $0 - 32 : $0 } }
            let coordinator = try job.submit()
            try coordinator.addVolunteer(try await volunteer.listen(), name: "quick", network: network)
            let outcome = await Result { try await coordinator.run(patienceSeconds: 60) }
            #expect(coordinator.volunteers.allSatisfy { $0.isHopeful }, "seed \(seed): \(coordinator.volunteers)")
            #expect(throws: Never.self) { try outcome.get() }
            await volunteer.shutdown()
            await network.shutdown()
        }
    }

    @Test(
        "expels a volunteer whose claims cannot be true, and is done by others all the same",
        arguments: [.overreaches, .inventsLease, .oversizes, .miscounts, .overfetches, .rushes] as [ScriptedVolunteer.Manner])
    func liars(manner: ScriptedVolunteer.Manner) async throws {
        try await withJob(items: 400, itemsPerUnit: 1) { job, network in
            let liar = try Self.numbersVolunteer(manner, 1)
            let coordinator = try job.submit()
            try coordinator.addVolunteer(try await liar.listen(), name: "liar", network: network)
            async let summary = coordinator.run()
            while coordinator.volunteers[0].isHopeful { await Task.yield() }
            guard case .expelled(let reason) = coordinator.volunteers[0].phase else {
                Issue.record("\(coordinator.volunteers[0].phase)")
                coordinator.stop()
                return
            }
            #expect(!reason.isEmpty)
            try coordinator.addLocalSlots(1)
            #expect(try await summary.outputBytes() == TestModules.numbersText(400))
            #expect(liar.record.withLock { $0.connections } == 1)
            await liar.shutdown()
        }
    }

    @Test(
        "is not asked again of one who declines, or confines too little", arguments: [.declines, .offersLess] as [ScriptedVolunteer.Manner])
    func declined(manner: ScriptedVolunteer.Manner) async throws {
        try await withJob(items: 50, itemsPerUnit: 1) { job, network in
            var job = job
            job.minimumLevel = .full
            let volunteer = try Self.numbersVolunteer(manner, 1)
            let coordinator = try job.submit()
            try coordinator.addVolunteer(try await volunteer.listen(), name: "busy", network: network)
            async let summary = coordinator.run()
            while coordinator.volunteers[0].isHopeful { await Task.yield() }
            guard case .declined = coordinator.volunteers[0].phase else {
                throw TalkootError(.internalError, "\(coordinator.volunteers[0].phase)")
            }
            try coordinator.addLocalSlots(1)
            #expect(try await summary.outputBytes() == TestModules.numbersText(50))
            await volunteer.shutdown()
        }
    }

    @Test("survives a volunteer that hangs up in the middle, who is dialled again")
    func leaves() async throws {
        try await withJob(items: 600, itemsPerUnit: 1) { job, network in
            let volunteer = try Self.numbersVolunteer(.leaves(atGrant: 2, always: false), 1)
            let coordinator = try job.submit()
            try coordinator.addVolunteer(try await volunteer.listen(), name: "ann", network: network)
            #expect(try await coordinator.run().outputBytes() == TestModules.numbersText(600))
            #expect(volunteer.record.withLock { $0.connections } >= 2)
            await volunteer.shutdown()
        }
    }

    @Test("survives a volunteer that always hangs up when another is there")
    func alwaysLeaves() async throws {
        try await withJob(items: 600, itemsPerUnit: 1) { job, network in
            let bad = try Self.numbersVolunteer(.leaves(atGrant: 1, always: true), 1)
            let good = try Self.numbersVolunteer(.honest, 1)
            let coordinator = try job.submit()
            try coordinator.addVolunteer(try await bad.listen(), name: "bad", network: network)
            try coordinator.addVolunteer(try await good.listen(), name: "good", network: network)
            #expect(try await coordinator.run().outputBytes() == TestModules.numbersText(600))
            await bad.shutdown()
            await good.shutdown()
        }
    }

    @Test("fails when every unit fails on the only volunteer, with its words, and keeps what it logged in a capsule")
    func fails() async throws {
        try await withJob(items: 40, itemsPerUnit: 1) { job, network in
            let volunteer = try Self.numbersVolunteer(.fails, 1)
            let coordinator = try job.submit()
            try coordinator.addVolunteer(try await volunteer.listen(), name: "ann", network: network)
            let error = await #expect(throws: TalkootError.self) { try await coordinator.run() }
            #expect(error?.code == .jobFailed)
            #expect(error?.message.contains("no such luck") == true)
            let capsules = try FileManager.default.contentsOfDirectory(atPath: job.capsules.directory)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(job.capsules.directory)/\(try #require(capsules.first))"))
            let capsule = try Capsule(bytes: Array(bytes))
            #expect(capsule.log == Array("info: unit \(capsule.unit)\n".utf8))
            await volunteer.shutdown()
        }
    }

    @Test("mixes local slots and volunteers")
    func mixed() async throws {
        try await withJob(items: 2_000, itemsPerUnit: 1) { job, network in
            let volunteer = try Self.numbersVolunteer(.honest, 1)
            let coordinator = try job.submit()
            try coordinator.addVolunteer(try await volunteer.listen(), name: "ann", network: network)
            try coordinator.addLocalSlots(1)
            #expect(try await coordinator.run().outputBytes() == TestModules.numbersText(2_000))
            await volunteer.shutdown()
        }
    }

    static func network() throws -> PeerNetwork { PeerNetwork(identity: try PeerIdentity.ephemeral(), logger: TestModules.logger) }

    /// A volunteer that computes what the module `numbers` does, for units of so many items.
    static func numbersVolunteer(_ manner: ScriptedVolunteer.Manner, _ itemsPerUnit: UInt64) throws -> ScriptedVolunteer {
        try ScriptedVolunteer(manner) { unit, _ in
            Array((unit * itemsPerUnit..<(unit + 1) * itemsPerUnit).map { "\($0)\n" }.joined().utf8)
        }
    }

    private func withJob(
        items: Int64, itemsPerUnit: UInt64, _ body: (TestJob, PeerNetwork) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.numbers, ["items": items], in: directory)
            job.itemsPerUnit = itemsPerUnit
            let network = try Self.network()
            do { try await body(job, network) } catch {
                await network.shutdown()
                throw error
            }
            await network.shutdown()
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
