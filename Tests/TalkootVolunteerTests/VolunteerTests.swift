import NIOCore
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import TalkootVolunteer
import Testing

/// A volunteer with real cells, driven over loopback TLS by a scripted coordinator.
@Suite("A volunteer", .timeLimit(.minutes(2)))
struct VolunteerTests {
    let numbers: TinyModule
    let echo: TinyModule

    init() throws {
        numbers = try TinyModule.numbers.get()
        echo = try TinyModule.echo.get()
    }

    private func working(_ arena: Arena, _ coordinator: ScriptedCoordinator) async throws -> PeerConnection {
        let connection = try await arena.connect(coordinator)
        coordinator.request(on: connection)
        #expect(await coordinator.response()?.reply == "yes")
        try #require(await coordinator.ready() != nil)
        return connection
    }

    @Test("A job is asked for, its module fetched, a lease run, committed in order and acknowledged")
    func wholeJob() async throws {
        try await Arena.with(slots: 2) { arena in
            let coordinator = ScriptedCoordinator(job: job(of: numbers), moduleName: "numbers", package: numbers.bytes)
            let connection = try await arena.connect(coordinator)
            coordinator.request(on: connection)
            #expect(await coordinator.response()?.reply == "yes")
            #expect(await coordinator.ready()?.slots == 2)
            #expect(coordinator.fetches > 0 && arena.store.path(of: numbers.package.digest) != nil)
            coordinator.grant(1, slot: 0, 0..<50, on: connection)
            coordinator.grant(2, slot: 1, 50..<100, on: connection)
            let first = await coordinator.collect(1, to: 50, on: connection)
            let second = await coordinator.collect(2, to: 100, on: connection)
            #expect((first + second).map(\.text).joined() == (0..<100).map { "\($0)\n" }.joined())
            #expect((first + second).allSatisfy { $0.failure == nil && $0.resultEnds.last == $0.bytes.readableBytes })
            let snapshot = arena.volunteer.snapshot
            #expect(snapshot.jobs.first?.unitsDone == 100 && snapshot.jobs.first?.summary.requester == "alice")
            connection.send(.cancel(.init(job: coordinator.job.id, reason: "done")))
            connection.close()
            await coordinator.end()
        }
    }

    @Test("A module that is here already is not fetched again")
    func cached() async throws {
        try await Arena.with { arena in
            _ = try arena.store.add(path: numbers.package.path)
            let coordinator = ScriptedCoordinator(job: job(of: numbers), moduleName: "numbers", package: nil)
            _ = try await working(arena, coordinator)
            #expect(coordinator.fetches == 0)
        }
    }

    @Test("A package with another digest than the job's is refused with a typed error, and nothing of it is kept")
    func wrongPackage() async throws {
        try await Arena.with { arena in
            let coordinator = ScriptedCoordinator(
                job: job(of: numbers, packageBytes: UInt64(echo.bytes.count)), moduleName: "numbers", package: echo.bytes)
            let connection = try await arena.connect(coordinator)
            coordinator.request(on: connection)
            #expect(await coordinator.response()?.reply == "yes")
            let fault = await coordinator.fault()
            #expect(fault?.code == "bad-data" && fault?.job == coordinator.job.id)
            #expect(fault?.reason.contains("echo@1.0.0") == true)
            #expect(arena.directory.names.filter { !$0.hasPrefix(".") }.isEmpty)
            #expect(arena.volunteer.snapshot.jobs.isEmpty)
        }
    }

    @Test("Damaged bytes, and a coordinator that does not send them, end in a typed error")
    func damagedPackage() async throws {
        try await Arena.with { arena in
            var damaged = numbers.bytes
            for index in stride(from: 600, to: damaged.count, by: 97) { damaged[index] ^= 0x55 }
            for package in [damaged, nil] {
                let coordinator = ScriptedCoordinator(job: job(of: numbers), moduleName: "numbers", package: package)
                let connection = try await arena.connect(coordinator)
                coordinator.request(on: connection)
                #expect(await coordinator.fault()?.job == coordinator.job.id)
                connection.close()
                await coordinator.end()
            }
            #expect(arena.directory.names.filter { $0.hasSuffix(".talkoot") && !$0.hasPrefix(".") }.isEmpty)
        }
    }

    @Test("An absurd package size is refused before anything is fetched")
    func hugePackage() async throws {
        try await Arena.with { arena in
            let coordinator = ScriptedCoordinator(
                job: job(of: numbers, packageBytes: 1 << 50), moduleName: "numbers", package: numbers.bytes)
            let connection = try await arena.connect(coordinator)
            coordinator.request(on: connection)
            let refusal = await coordinator.next { event in
                switch event {
                case .message(.response(let response)): response.reply == "no" ? response.reason : nil
                case .message(.error(let fault)): fault.reason
                default: nil
                }
            }
            #expect(refusal != nil && coordinator.fetches == 0 && arena.volunteer.snapshot.jobs.isEmpty)
        }
    }

    @Test("The owner's word decides under the policy `ask`", arguments: [true, false])
    func asked(isAllowed: Bool) async throws {
        try await Arena.with(accept: .ask, ask: { $0.moduleName == "numbers" && isAllowed }) { arena in
            let coordinator = ScriptedCoordinator(job: job(of: numbers), moduleName: "numbers", package: numbers.bytes)
            let connection = try await arena.connect(coordinator)
            coordinator.request(on: connection)
            let response = await coordinator.response()
            #expect(response?.reply == (isAllowed ? "yes" : "no"))
            if isAllowed { #expect(await coordinator.ready() != nil) }
        }
    }

    @Test("Under the policy `trusted` an unsigned module is refused once it is here, and a listed one runs")
    func trusted() async throws {
        try await Arena.with(accept: .trusted) { arena in
            let coordinator = ScriptedCoordinator(job: job(of: numbers), moduleName: "numbers", package: numbers.bytes)
            let connection = try await arena.connect(coordinator)
            coordinator.request(on: connection)
            #expect(await coordinator.fault()?.code == "refused")
            #expect(arena.store.path(of: numbers.package.digest) == nil)
        }
        try await Arena.with(accept: .trusted, trusted: [numbers.package.digest.description]) { arena in
            _ = try await working(arena, ScriptedCoordinator(job: job(of: numbers), moduleName: "numbers", package: numbers.bytes))
        }
    }

    @Test("A unit that crashes is committed as a failure with what it logged, and the rest of the lease goes on")
    func crash() async throws {
        try await Arena.with { arena in
            let coordinator = ScriptedCoordinator(job: job(of: numbers, mode: 1), moduleName: "numbers", package: numbers.bytes)
            let connection = try await working(arena, coordinator)
            coordinator.grant(1, 0..<10, on: connection)
            let commits = await coordinator.collect(1, to: 10, on: connection)
            let failed = commits.filter { $0.failure != nil }
            #expect(failed.map(\.units) == [5..<6])
            #expect(failed.map(\.text) == ["info: last words\n"])
            guard case .crashed(let signal, _) = failed.first?.failure else {
                Issue.record("not crashed: \(String(describing: failed.first?.failure))")
                return
            }
            #expect(signal == 11)
            let results = commits.filter { $0.failure == nil }
            #expect(results.map(\.text).joined() == [0, 1, 2, 3, 4, 6, 7, 8, 9].map { "\($0)\n" }.joined())
        }
    }

    @Test("A unit without end stops at its time limit, is committed as a failure, and the next lease runs")
    func deadline() async throws {
        try await Arena.with { arena in
            let limits = CellLimits(unitWallSeconds: 0.3, unitProcessorSeconds: 10)
            let coordinator = ScriptedCoordinator(
                job: job(of: numbers, mode: 2, limits: limits), moduleName: "numbers", package: numbers.bytes)
            let connection = try await working(arena, coordinator)
            coordinator.grant(1, 0..<1, on: connection)
            let commit = await coordinator.commit(1)
            #expect(commit?.failure == .deadline(seconds: 0.3))
        }
    }

    @Test("A lease that is revoked half-way ends there, and the slot takes the next one")
    func revoke() async throws {
        try await Arena.with { arena in
            // Results of 1 MiB that are not acknowledged: the slot stops after 16 of them, wherever the machine's speed is.
            let coordinator = ScriptedCoordinator(
                job: job(of: numbers, mode: 3, size: 1 << 20, units: 200), moduleName: "numbers", package: numbers.bytes)
            let connection = try await working(arena, coordinator)
            coordinator.grant(1, 0..<100, on: connection)
            let first = try #require(await coordinator.commit(1))
            connection.send(.revoke(.init(job: coordinator.job.id, lease: 1, from: first.units.upperBound + 1)))
            coordinator.grant(2, 100..<101, on: connection)
            coordinator.acknowledge(first, on: connection)
            var end = first.units.upperBound
            var second: Commit?
            while second == nil, let commit = await coordinator.commit() {
                coordinator.acknowledge(commit, on: connection)
                if commit.lease == 1 { end = commit.units.upperBound } else { second = commit }
            }
            #expect(second?.units == 100..<101)
            #expect(end < 100)
        }
    }

    @Test("A coordinator that acknowledges nothing stops the slot at 16 MiB on their way")
    func backPressure() async throws {
        try await Arena.with { arena in
            let coordinator = ScriptedCoordinator(
                job: job(of: numbers, mode: 3, size: 1 << 20, units: 200), moduleName: "numbers", package: numbers.bytes)
            let connection = try await working(arena, coordinator)
            coordinator.grant(1, 0..<200, on: connection)
            var commits: [Commit] = []
            while commits.reduce(0, { $0 + $1.bytes.readableBytes }) < 16 << 20, let commit = await coordinator.commit(1) {
                commits.append(commit)
            }
            // Nothing more comes until something is acknowledged.
            connection.send(.revoke(.init(job: coordinator.job.id, lease: 1, from: 0)))
            for commit in commits { coordinator.acknowledge(commit, on: connection) }
            coordinator.grant(2, 199..<200, on: connection)
            var more = 0
            while let commit = await coordinator.commit(), commit.lease == 1 { more += commit.bytes.readableBytes }
            #expect(more <= 4 << 20, "\(more) bytes beyond the bound")
        }
    }

    @Test("A result larger than a frame arrives whole")
    func largeResult() async throws {
        try await Arena.with { arena in
            let size: Int64 = 5 << 20
            let coordinator = ScriptedCoordinator(
                job: job(of: numbers, mode: 3, size: size, units: 3), moduleName: "numbers", package: numbers.bytes)
            let connection = try await working(arena, coordinator)
            coordinator.grant(1, 0..<3, on: connection)
            let commits = await coordinator.collect(1, to: 3, on: connection)
            #expect(commits.reduce(0) { $0 + $1.bytes.readableBytes } == 3 * Int(size))
        }
    }

    @Test("Input is fetched in pieces, split into units and given to the right ones", arguments: [1, 7, 1000] as [UInt64])
    func input(itemsPerUnit: UInt64) async throws {
        try await Arena.with(slots: 2) { arena in
            let lines = (0..<200_000).map { "line \($0)\n" }
            let bytes = Array(lines.joined().utf8)
            let coordinator = ScriptedCoordinator(
                job: job(of: echo, units: 200_000, itemsPerUnit: itemsPerUnit, inputBytes: UInt64(bytes.count)), moduleName: "echo",
                package: echo.bytes, input: bytes)
            let connection = try await working(arena, coordinator)
            let units = coordinator.job.shape.units
            let middle = units / 2
            let cut = UInt64(lines[..<Int(middle * itemsPerUnit)].reduce(0) { $0 + $1.utf8.count })
            coordinator.grant(1, slot: 0, 0..<middle, input: 0..<cut, on: connection)
            coordinator.grant(2, slot: 1, middle..<units, input: cut..<UInt64(bytes.count), on: connection)
            let first = await coordinator.collect(1, to: middle, on: connection)
            let second = await coordinator.collect(2, to: units, on: connection)
            #expect((first + second).flatMap { Array($0.bytes.readableBytesView) } == bytes)
        }
    }

    @Test("A lease whose input cannot be had is given back with the reason")
    func noInput() async throws {
        try await Arena.with { arena in
            let coordinator = ScriptedCoordinator(
                job: job(of: echo, units: 10, inputBytes: 1000), moduleName: "echo", package: echo.bytes, input: [])
            let connection = try await working(arena, coordinator)
            coordinator.grant(1, 0..<10, input: 0..<1000, on: connection)
            let release = await coordinator.release(1)
            #expect(release?.from == 0 && release?.reason.contains("it is gone") == true)
        }
    }
}
