import Foundation
import Synchronization
import TalkootCoordinator
import TalkootCore
import TalkootPeer
import TalkootScheduling
import TalkootStore
import Testing

@Suite("A job whose volunteers are verified, over TLS", .timeLimit(.minutes(2)))
struct VerifiedJobTests {
    /// Computes what the module `numbers` does, and something else for a share of the units, in its own way.
    private static func volunteer(lies: Double = 0, as name: String = "") throws -> ScriptedVolunteer {
        try ScriptedVolunteer(unitsPerCommit: 8) { unit, _ in
            var random = SeededRandom(seed: unit &* 77)
            let isLie = Double.random(in: 0..<1, using: &random) < lies
            return Array((isLie ? "lie of \(name)\n" : "\(unit)\n").utf8)
        }
    }

    private func withJob(
        _ level: VerificationPolicy.Level, items: Int64, _ body: (TestJob, PeerNetwork) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.numbers, ["items": items], in: directory)
            job.itemsPerUnit = 1
            job.verification = level
            let network = try VolunteerJobTests.network()
            do { try await body(job, network) } catch {
                await network.shutdown()
                throw error
            }
            await network.shutdown()
        }
    }

    @Test("A liar is convicted, its work done again by others, the output right, and the record tells", arguments: [0.3, 0.01])
    func liar(share: Double) async throws {
        try await withJob(share > 0.1 ? .audit : .strict, items: 1_500) { job, network in
            let volunteers = [
                "ann": try Self.volunteer(), "bob": try Self.volunteer(), "lou": try Self.volunteer(lies: share, as: "lou"),
            ]
            let coordinator = try job.submit()
            for (name, volunteer) in volunteers.sorted(by: { $0.key > $1.key }) {
                try coordinator.addVolunteer(try await volunteer.listen(), name: name, network: network)
            }
            let summary = try await coordinator.run(patienceSeconds: 60)
            #expect(try summary.outputBytes() == TestModules.numbersText(1_500))
            let verification = try #require(summary.verification)
            #expect(verification.unitsChecked > 0)
            #expect(verification.convictions.allSatisfy { $0.volunteer == "lou" }, "\(verification.convictions)")
            let lou = try #require(coordinator.volunteers.first { $0.name == "lou" })
            if lou.units > 200 {
                #expect(!verification.convictions.isEmpty)
                #expect(verification.convictions.first?.words.contains("gave a wrong result for unit") == true)
            }
            for volunteer in volunteers.values { await volunteer.shutdown() }
        }
    }

    @Test("A volunteer that lies always and works alone is found out by the requester's machine, banned and sent away")
    func alone() async throws {
        try await withJob(.audit, items: 300) { job, network in
            let liar = try Self.volunteer(lies: 1, as: "lou")
            let coordinator = try job.submit()
            try coordinator.addVolunteer(try await liar.listen(), name: "lou", network: network)
            async let summary = coordinator.run(patienceSeconds: 60)
            while coordinator.volunteers[0].isHopeful { await Task.yield() }
            guard case .expelled(let reason) = coordinator.volunteers[0].phase else {
                Issue.record("\(coordinator.volunteers[0].phase)")
                return coordinator.stop()
            }
            #expect(reason.contains("wrong result"))
            let honest = try Self.volunteer()
            try coordinator.addVolunteer(try await honest.listen(), name: "ann", network: network)
            #expect(try await summary.outputBytes() == TestModules.numbersText(300))
            let record = try await summary.verification
            #expect(record?.convictions.contains { $0.isBan && $0.volunteer == "lou" } == true)
            #expect((record?.ownRuns ?? 0) > 0)
            await liar.shutdown()
            await honest.shutdown()
        }
    }

    /// Starts a job, and stops it when its only volunteer is sent away.
    private static func interrupt(
        _ job: TestJob, once name: String, isBanned liar: ScriptedVolunteer, _ network: PeerNetwork
    ) async throws {
        let coordinator = try job.submit()
        try coordinator.addVolunteer(try await liar.listen(), name: name, network: network)
        let stopping = Task {
            while coordinator.volunteers[0].isHopeful { await Task.yield() }
            coordinator.stop()
        }
        await #expect(throws: TalkootError.self) { try await coordinator.run(patienceSeconds: 60) }
        await stopping.value
    }

    @Test("A job that is interrupted audits again what strangers did, and still knows whom it banned")
    func resumed() async throws {
        try await withJob(.audit, items: 400) { job, network in
            let liar = try Self.volunteer(lies: 1, as: "lou")
            try await Self.interrupt(job, once: "lou", isBanned: liar, network)
            try await resumeWhenFree(job) { resumed in
                let again = try Self.volunteer(lies: 1, as: "lou")
                let honest = try Self.volunteer()
                try resumed.addVolunteer(try await again.listen(), name: "lou", network: network)
                try resumed.addVolunteer(try await honest.listen(), name: "ann", network: network)
                #expect(try await resumed.run(patienceSeconds: 60).outputBytes() == TestModules.numbersText(400))
                #expect(resumed.volunteers.first { $0.name == "lou" }?.units == 0)
                await again.shutdown()
                await honest.shutdown()
            }
            await liar.shutdown()
        }
    }

    @Test("Results that differ within a module's tolerance agree, whoever gives them, and a wrong one is still found")
    func tolerance() async throws {
        try await TemporaryDirectory.with { directory in
            var job = try TestJob(TestModules.near, ["items": 300], in: directory)
            job.itemsPerUnit = 1
            job.verification = .strict
            let network = try VolunteerJobTests.network()
            let names = ["ann", "bob", "lou"]
            var volunteers: [ScriptedVolunteer] = []
            for (place, name) in names.enumerated() {
                volunteers.append(
                    try ScriptedVolunteer(unitsPerCommit: 8) { unit, _ in
                        let isLie = name == "lou" && unit % 3 == 0
                        // Everybody's last digits are his own.
                        return Array("\(Double(unit) + Double(place + 1) * 1e-7 + (isLie ? 0.5 : 0))\n".utf8)
                    })
            }
            let coordinator = try job.submit()
            for (name, volunteer) in zip(names, volunteers) {
                try coordinator.addVolunteer(try await volunteer.listen(), name: name, network: network)
            }
            let summary = try await coordinator.run(patienceSeconds: 60)
            let numbers = String(decoding: try summary.outputBytes(), as: UTF8.self).split(separator: "\n").compactMap { Double($0) }
            #expect(numbers.count == 300)
            #expect(zip(numbers, 0...).allSatisfy { abs($0 - Double($1)) < 1e-3 })
            let verification = try #require(summary.verification)
            // What the liar's conviction took back is checked again.
            #expect(verification.unitsChecked >= 300)
            #expect(verification.convictions.allSatisfy { $0.volunteer == "lou" }, "\(verification.convictions)")
            let lou = try #require(coordinator.volunteers.first { $0.name == "lou" })
            if lou.units > 20 { #expect(!verification.convictions.isEmpty) }
            for volunteer in volunteers { await volunteer.shutdown() }
            await network.shutdown()
        }
    }

    @Test("Local slots are believed, and nothing is run twice for them")
    func local() async throws {
        try await withJob(.strict, items: 200) { job, _ in
            let coordinator = try job.submit()
            try coordinator.addLocalSlots(2)
            let summary = try await coordinator.run()
            #expect(try summary.outputBytes() == TestModules.numbersText(200))
            #expect(summary.verification?.unitsChecked == 0)
        }
    }

    @Test("Everything by three owners gives the same output, whoever agrees")
    func triple() async throws {
        try await withJob(.triple, items: 300) { job, network in
            let coordinator = try job.submit()
            var volunteers: [ScriptedVolunteer] = []
            for name in ["ann", "bob", "cleo"] {
                volunteers.append(try Self.volunteer())
                try coordinator.addVolunteer(try await volunteers[volunteers.count - 1].listen(), name: name, network: network)
            }
            let summary = try await coordinator.run(patienceSeconds: 60)
            #expect(try summary.outputBytes() == TestModules.numbersText(300))
            #expect(summary.verification?.unitsChecked == 300)
            #expect(summary.verification?.convictions.isEmpty == true)
            for volunteer in volunteers { await volunteer.shutdown() }
        }
    }
}
