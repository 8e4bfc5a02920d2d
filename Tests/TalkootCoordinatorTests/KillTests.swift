import Foundation
import Synchronization
import TalkootCoordinator
import TalkootCore
import TalkootPeer
import TalkootStore
import Testing

@Suite("A coordinator that is killed", .timeLimit(.minutes(5)))
struct KillTests {
    static let items: Int64 = 3_000

    @Test(
        "at any moment loses no acknowledged unit, and another one ends its job with the same bytes",
        arguments: 1...6 as ClosedRange<UInt64>)
    func killed(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let job = try Self.job(in: directory)
        let volunteer = try VolunteerJobTests.numbersVolunteer(.honest, 1)
        let endpoint = try await volunteer.listen().description
        for _ in 0..<3 {
            let path = directory.path
            let milliseconds = Int32.random(in: 1...400, using: &random)
            await #expect(processExitsWith: .signal(SIGKILL), "seed \(seed)") {
                [path = path as String, endpoint = endpoint as String, milliseconds = milliseconds as Int32] in
                try await KillTests.work(in: path, endpoint: endpoint, milliseconds: milliseconds)
            }
            guard JobJournal.exists(in: job.jobDirectory) else { continue }
            let journal = try JobJournal.open(directory: job.jobDirectory, access: .readOnly)
            let durable = Set(try journal.finishedRanges().flatMap { $0 })
            #expect(volunteer.acknowledgedUnits.subtracting(durable).isEmpty, "seed \(seed)")
            if try journal.record().state == .done { break }
        }
        let last = JobJournal.exists(in: job.jobDirectory) ? try job.resume() : try job.submit()
        try last.addLocalSlots(2)
        #expect(try await last.run().outputBytes() == TestModules.numbersText(Int(Self.items)), "seed \(seed)")
        #expect(directory.names.filter { $0.hasSuffix("output") } == ["output"])
        await volunteer.shutdown()
    }

    /// What the child does: takes the job up, with a local slot and a volunteer, and is killed after a while or at the end.
    @Sendable static func work(in path: String, endpoint: String, milliseconds: Int32) async throws {
        Thread.detachNewThread {
            poll(nil, 0, milliseconds)
            kill(getpid(), SIGKILL)
        }
        let job = try job(in: TemporaryDirectory(existing: path))
        let coordinator = JobJournal.exists(in: job.jobDirectory) ? try job.resume() : try job.submit()
        try coordinator.addLocalSlots(1)
        let network = try VolunteerJobTests.network()
        if let endpoint = PeerEndpoint(endpoint) { try coordinator.addVolunteer(endpoint, name: "ann", network: network) }
        _ = try await coordinator.run()
        kill(getpid(), SIGKILL)
    }

    static func job(in directory: TemporaryDirectory) throws -> TestJob {
        var job = try TestJob(TestModules.numbers, ["items": items, "pause": 200], in: directory)
        job.itemsPerUnit = 1
        job.outputPath = directory.path + "/output"
        return job
    }
}
