import Glibc
import NIOCore
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import TalkootVolunteer
import Testing

/// How a volunteer's part in a job ends: by the coordinator, by itself, by trouble.
@Suite("A volunteer's endings", .timeLimit(.minutes(2)), .serialized)
struct VolunteerEndingTests {
    let numbers: TinyModule

    init() throws { numbers = try TinyModule.numbers.get() }

    private func working(
        _ arena: Arena, _ job: Message.JobDescription
    ) async throws -> (ScriptedCoordinator, PeerConnection) {
        let coordinator = ScriptedCoordinator(job: job, moduleName: "numbers", package: numbers.bytes)
        let connection = try await arena.connect(coordinator)
        coordinator.request(on: connection)
        try #require(await coordinator.ready() != nil)
        return (coordinator, connection)
    }

    /// Waits until no job is left; yields, since nothing tells.
    private func idle(_ arena: Arena) async {
        while !arena.volunteer.snapshot.jobs.isEmpty || arena.volunteer.snapshot.busySlots > 0 { await Task.yield() }
    }

    @Test("When the coordinator vanishes its cells die at once, even those whose module never looks up")
    func vanished() async throws {
        try await Arena.with(slots: 2) { arena in
            let (coordinator, connection) = try await working(arena, job(of: numbers, mode: 2))
            coordinator.grant(1, slot: 0, 0..<10, on: connection)
            coordinator.grant(2, slot: 1, 10..<20, on: connection)
            while arena.volunteer.snapshot.busySlots < 2 { await Task.yield() }
            connection.close()
            await coordinator.end()
            await idle(arena)
            // The seat and the slots serve the next one.
            let (next, other) = try await working(arena, job(of: numbers))
            next.grant(1, 0..<3, on: other)
            #expect(await next.collect(1, to: 3, on: other).map(\.text).joined() == "0\n1\n2\n")
        }
    }

    @Test("A cancelled job stops at once, and the connection can ask for another")
    func cancelled() async throws {
        try await Arena.with { arena in
            let (coordinator, connection) = try await working(arena, job(of: numbers, mode: 2))
            coordinator.grant(1, 0..<10, on: connection)
            connection.send(.cancel(.init(job: coordinator.job.id, reason: "done")))
            await idle(arena)
            coordinator.request(on: connection)
            #expect(await coordinator.ready() != nil)
        }
    }

    @Test("A drain finishes the running unit, sends it, gives the rest back and closes after the acknowledgement")
    func drain() async throws {
        try await Arena.with { arena in
            let (coordinator, connection) = try await working(arena, job(of: numbers, mode: 3, size: 1 << 20, units: 200))
            coordinator.grant(1, 0..<100, on: connection)
            coordinator.grant(2, 100..<200, on: connection)
            let first = try #require(await coordinator.commit(1))
            coordinator.acknowledge(first, on: connection)
            async let draining: Void = arena.volunteer.drain()
            let second = await coordinator.release(2)
            #expect(second?.from == 100 && second?.reason == "this volunteer is stopping")
            // What may wait for an acknowledgement is bounded, so the lease cannot have run to its end yet.
            var end = first.units.upperBound
            while let commit = await coordinator.commit(1) {
                #expect(commit.units.lowerBound == end)
                end = commit.units.upperBound
                coordinator.acknowledge(commit, on: connection)
            }
            let rest = try #require(await coordinator.release(1))
            #expect(end == rest.from && end < 100)
            await draining
            await coordinator.end()
            #expect(arena.volunteer.snapshot.status == "offline")
        }
    }

    @Test("A grant that makes no sense is answered with an error, the connection stays, and many end it")
    func hostile() async throws {
        try await Arena.with { arena in
            let (coordinator, connection) = try await working(arena, job(of: numbers))
            coordinator.grant(1, slot: 9, 0..<5, on: connection)
            #expect(await coordinator.fault()?.regarding == "grant")
            coordinator.grant(2, 0..<1_000_000_000, on: connection)
            #expect(await coordinator.fault()?.code == "bad-data")
            coordinator.grant(3, 0..<3, on: connection)
            #expect(await coordinator.collect(3, to: 3, on: connection).map(\.text).joined() == "0\n1\n2\n")
            for lease in 10..<40 { coordinator.grant(UInt64(lease), slot: 50, 0..<1, on: connection) }
            await coordinator.end()
            await idle(arena)
        }
    }

    @Test("More leases than a slot holds are given back, the others run")
    func tooMany() async throws {
        try await Arena.with { arena in
            let (coordinator, connection) = try await working(arena, job(of: numbers, mode: 3, size: 20 << 20, units: 20))
            // One unit fills the bound of unacknowledged bytes: the first lease stays under way until its result is acknowledged.
            coordinator.grant(1, 2..<4, on: connection)
            let first = try #require(await coordinator.commit(1))
            for lease in 2...8 as ClosedRange<UInt64> { coordinator.grant(lease, (2 * lease)..<(2 * lease + 2), on: connection) }
            for lease in 6...8 as ClosedRange<UInt64> { #expect(await coordinator.release(lease)?.from == 2 * lease) }
            coordinator.acknowledge(first, on: connection)
            #expect(await coordinator.collect(1, to: 4, on: connection).count == 1)
            for lease in 2...5 as ClosedRange<UInt64> {
                #expect(await coordinator.collect(lease, to: 2 * lease + 2, on: connection).count == 2)
            }
        }
    }

    @Test("Two jobs share the slots, and both get done")
    func twoJobs() async throws {
        try await Arena.with(slots: 1) { arena in
            let (first, one) = try await working(arena, job(of: numbers))
            var otherJob = job(of: numbers)
            otherJob.id = JobID(rawValue: 78)
            let second = ScriptedCoordinator(job: otherJob, moduleName: "numbers", package: numbers.bytes)
            let two = try await arena.connect(second)
            second.request(on: two)
            #expect(await second.ready() != nil && arena.volunteer.snapshot.jobs.count == 2)
            first.grant(1, 0..<100, on: one)
            second.grant(1, 0..<100, on: two)
            async let left = first.collect(1, to: 100, on: one)
            async let right = second.collect(1, to: 100, on: two)
            #expect(await left.map(\.text).joined() == (await right).map(\.text).joined())
        }
    }
}
