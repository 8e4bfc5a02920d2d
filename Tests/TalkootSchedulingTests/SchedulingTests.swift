import TalkootCore
import TalkootScheduling
import Testing

/// The rules, one by one.
@Suite struct SchedulingTests {
    private let alice = HostID(rawValue: 1)
    private let bob = HostID(rawValue: 2)
    private let carol = HostID(rawValue: 3)
    private let house = OwnerID(rawValue: 1)
    private let office = OwnerID(rawValue: 2)
    private let school = OwnerID(rawValue: 3)

    private func leases(_ effects: [Scheduling.Effect]) -> [Lease] {
        effects.compactMap { if case .grant(let lease) = $0 { lease } else { nil } }
    }

    private func onlyLease(_ effects: [Scheduling.Effect]) throws -> Lease { try #require(leases(effects).first) }

    @Test("Without a prior speed the first lease is one unit, and the next ones grow by what was measured")
    func growth() throws {
        var scheduling = Scheduling(units: 1_000_000)
        var lease = try onlyLease(scheduling.join(alice, owner: house, at: .zero))
        #expect(lease.units == 0..<1)
        var sizes: [UInt64] = []
        for step in 1...6 {
            let result = scheduling.commit(lease.id, host: alice, units: lease.units, at: .seconds(Double(step) * 0.01))
            #expect(result.verdict == .accepted([lease.units]))
            if let next = leases(result.effects).first { lease = next }
            sizes.append(lease.units.upperBound - lease.units.lowerBound)
        }
        #expect(sizes[0] == 16)
        #expect(sizes == sizes.sorted())
        #expect(scheduling.brokenInvariant() == nil)
    }

    @Test("With a prior speed the first lease lasts a minute at most and follows the share of a short job")
    func firstLease() throws {
        var long = Scheduling(units: 1_000_000, priorUnitSeconds: 1)
        #expect(try onlyLease(long.join(alice, owner: house, at: .zero)).units == 0..<60)
        var short = Scheduling(units: 400, priorUnitSeconds: 0.01)
        #expect(try onlyLease(short.join(alice, owner: house, at: .zero)).units == 0..<200)
    }

    @Test("A lease is never larger than the policy allows")
    func maximumLease() throws {
        var policy = SchedulingPolicy()
        policy.maximumLeaseUnits = 7
        var scheduling = Scheduling(units: 1000, policy: policy, priorUnitSeconds: 0.001)
        #expect(leases(scheduling.join(alice, owner: house, at: .zero)).allSatisfy { $0.units.count <= 7 })
    }

    @Test("The next lease comes when a tenth of the present one is left")
    func ahead() throws {
        var scheduling = Scheduling(units: 100_000, priorUnitSeconds: 1)
        let lease = try onlyLease(scheduling.join(alice, owner: house, at: .zero))
        #expect(lease.units == 0..<60)
        for second in 1...53 as ClosedRange<UInt64> {
            let effects = scheduling.commit(lease.id, host: alice, units: second - 1..<second, at: .seconds(Double(second))).effects
            #expect(leases(effects).isEmpty)
        }
        #expect(scheduling.advance(to: .seconds(53.9)).isEmpty)
        let next = try onlyLease(scheduling.advance(to: .seconds(54.1)))
        #expect(next.units.lowerBound == 60)
    }

    @Test("A host that leaves gives back what it has not committed, and another gets it")
    func leaving() throws {
        var scheduling = Scheduling(units: 10, priorUnitSeconds: 1)
        let lease = try onlyLease(scheduling.join(alice, owner: house, at: .zero))
        _ = scheduling.commit(lease.id, host: alice, units: 0..<2, at: .seconds(2))
        #expect(scheduling.leave(alice, at: .seconds(3)).isEmpty)
        #expect(scheduling.state(of: 1) == .final)
        #expect(scheduling.state(of: 2) == .free)
        #expect(try onlyLease(scheduling.join(bob, owner: office, at: .seconds(4))).units.lowerBound == 2)
    }

    @Test("A late commit of a host that left is taken where nobody was faster, and is a duplicate elsewhere")
    func lateCommit() throws {
        var scheduling = Scheduling(units: 10, priorUnitSeconds: 1)
        let old = try onlyLease(scheduling.join(alice, owner: house, at: .zero))
        _ = scheduling.leave(alice, at: .seconds(3))
        let new = try onlyLease(scheduling.join(bob, owner: office, at: .seconds(4)))
        _ = scheduling.commit(new.id, host: bob, units: 0..<2, at: .seconds(6))
        #expect(scheduling.commit(old.id, host: alice, units: 0..<3, at: .seconds(7)).verdict == .accepted([2..<3]))
        #expect(scheduling.commit(old.id, host: alice, units: 0..<3, at: .seconds(7)).verdict == .duplicate)
        #expect(scheduling.commit(new.id, host: bob, units: 2..<3, at: .seconds(7)).verdict == .duplicate)
        #expect(scheduling.brokenInvariant() == nil)
    }

    @Test("Nobody can commit, fail or release units of another host's lease, or units that were not in it")
    func strangers() throws {
        var scheduling = Scheduling(units: 1000, priorUnitSeconds: 1)
        let lease = try onlyLease(scheduling.join(alice, owner: house, at: .zero))
        _ = scheduling.join(bob, owner: office, at: .zero)
        let end = lease.units.upperBound
        #expect(scheduling.commit(lease.id, host: bob, units: 0..<1, at: .zero).verdict == .unknown)
        #expect(scheduling.commit(lease.id, host: alice, units: end - 1..<end + 1, at: .zero).verdict == .unknown)
        #expect(scheduling.commit(LeaseID(rawValue: 99), host: alice, units: 0..<1, at: .zero).verdict == .unknown)
        _ = scheduling.fail(lease.id, host: bob, unit: 0, outcome: .exited(status: 1), at: .zero)
        _ = scheduling.release(lease.id, host: bob, from: 0, at: .zero)
        #expect(scheduling.state(of: 0) == .leased)
    }

    @Test("A silent host's units go to an idle host, and what it commits later is still taken")
    func silence() throws {
        var scheduling = Scheduling(units: 1, priorUnitSeconds: 1000)
        let lease = try onlyLease(scheduling.join(alice, owner: house, at: .zero))
        #expect(leases(scheduling.join(bob, owner: office, at: .zero)).isEmpty)
        var effects: [Scheduling.Effect] = []
        while let deadline = scheduling.nextDeadline, deadline <= .seconds(50), effects.isEmpty {
            effects = scheduling.advance(to: deadline)
        }
        #expect(effects.first == .revoke(lease.id, host: alice, from: 0))
        #expect(try onlyLease(effects).host == bob)
        let late = scheduling.commit(lease.id, host: alice, units: 0..<1, at: .seconds(60))
        #expect(late.verdict == .accepted([0..<1]))
        #expect(late.effects.last == .finished)
    }

    @Test("A host that sends heartbeats keeps a unit whose length nobody knows")
    func heartbeat() throws {
        var scheduling = Scheduling(units: 1)
        let lease = try onlyLease(scheduling.join(alice, owner: house, at: .zero))
        _ = scheduling.join(bob, owner: office, at: .zero)
        for second in stride(from: 15.0, to: 7200, by: 15) {
            #expect(scheduling.progress(lease.id, host: alice, next: 0, at: .seconds(second)).isEmpty)
            #expect(scheduling.advance(to: .seconds(second + 1)).isEmpty)
        }
        #expect(scheduling.commit(lease.id, host: alice, units: 0..<1, at: .seconds(7201)).effects == [.finished])
    }

    @Test("A unit that fails for three owners is given up with its last outcome, and the rest goes on")
    func threeOwners() throws {
        var scheduling = Scheduling(units: 3, priorUnitSeconds: 1)
        var effects = scheduling.join(alice, owner: house, at: .zero)
        effects += scheduling.join(bob, owner: office, at: .zero)
        effects += scheduling.join(carol, owner: school, at: .zero)
        var failures = 0
        var time = 0.0
        while !scheduling.isFinished, time < 100 {
            time += 1
            for lease in leases(effects) {
                effects = []
                for unit in lease.units {
                    if unit == 1 {
                        failures += 1
                        effects += scheduling.fail(
                            lease.id, host: lease.host, unit: 1, outcome: .exited(status: Int32(failures)), at: .seconds(time))
                    } else {
                        effects += scheduling.commit(lease.id, host: lease.host, units: unit..<unit + 1, at: .seconds(time)).effects
                    }
                }
                if leases(effects).isEmpty { effects += scheduling.advance(to: .seconds(time)) }
            }
            if leases(effects).isEmpty { effects += scheduling.advance(to: .seconds(time + 0.5)) }
        }
        #expect(scheduling.isFinished)
        #expect(failures >= 3)
        #expect(scheduling.snapshot.unitsGivenUp == 1)
        #expect(effects.contains(.giveUp(unit: 1, outcome: .exited(status: Int32(failures)))))
    }

    @Test("A unit that fails twice for the only owner there is is given up")
    func onlyOwner() throws {
        var scheduling = Scheduling(units: 1)
        let first = try onlyLease(scheduling.join(alice, owner: house, at: .zero))
        let crash = UnitOutcome.crashed(signal: 11, place: "m.so+0x1")
        let second = try onlyLease(scheduling.fail(first.id, host: alice, unit: 0, outcome: crash, at: .seconds(1)))
        let effects = scheduling.fail(second.id, host: alice, unit: 0, outcome: crash, at: .seconds(2))
        #expect(effects == [.giveUp(unit: 0, outcome: crash), .finished])
    }

    @Test("A host that releases its lease gets nothing for five seconds, others do at once")
    func release() throws {
        var scheduling = Scheduling(units: 100, priorUnitSeconds: 1)
        let lease = try onlyLease(scheduling.join(alice, owner: house, at: .zero))
        #expect(scheduling.release(lease.id, host: alice, from: 0, at: .seconds(1)).isEmpty)
        #expect(scheduling.advance(to: .seconds(5)).isEmpty)
        #expect(try onlyLease(scheduling.join(bob, owner: office, at: .seconds(5))).units.lowerBound == 0)
        #expect(leases(scheduling.advance(to: .seconds(6))).first?.host == alice)
    }

    @Test("When nothing is free the lease that would end last is split, and its host is told")
    func splitting() throws {
        var scheduling = Scheduling(units: 100, priorUnitSeconds: 1)
        let lease = try onlyLease(scheduling.join(alice, owner: house, at: .zero))
        var time = 0.0
        var last = lease
        while scheduling.state(of: 99) == .free, time < 200 {
            time += 1
            for next in leases(scheduling.commit(last.id, host: alice, units: last.units, at: .seconds(time)).effects) { last = next }
        }
        let effects = scheduling.join(bob, owner: office, at: .seconds(time + 0.1))
        guard case .revoke(let cut, let host, let from) = try #require(effects.first) else { return }
        #expect(host == alice)
        #expect(try onlyLease(effects).units.lowerBound == from)
        #expect(cut.rawValue > 0)
        #expect(scheduling.brokenInvariant() == nil)
    }

    @Test("The last unit of a slow host runs twice, and the loser is told to stop")
    func copying() throws {
        var scheduling = Scheduling(units: 12, priorUnitSeconds: 1)
        let slow = try onlyLease(scheduling.join(alice, owner: house, at: .zero))
        _ = scheduling.commit(slow.id, host: alice, units: slow.units.lowerBound..<slow.units.upperBound - 1, at: .seconds(5))
        var mine = try onlyLease(scheduling.join(bob, owner: office, at: .seconds(5)))
        var time = 5.0
        var copy: Lease?
        while copy == nil, time < 60 {
            time += 0.5
            var effects = scheduling.advance(to: .seconds(time))
            if !scheduling.isFinished, scheduling.state(of: mine.units.lowerBound) == .leased {
                effects += scheduling.commit(mine.id, host: bob, units: mine.units, at: .seconds(time)).effects
            }
            for lease in leases(effects) where lease.host == bob {
                if slow.units.contains(lease.units.lowerBound) { copy = lease } else { mine = lease }
            }
        }
        let second = try #require(copy)
        #expect(second.units == slow.units.upperBound - 1..<slow.units.upperBound)
        let end = scheduling.commit(second.id, host: bob, units: second.units, at: .seconds(time + 1)).effects
        #expect(end.contains(.revoke(slow.id, host: alice, from: second.units.lowerBound)))
    }

    @Test("A job that was begun before goes on where it stopped")
    func resuming() throws {
        var scheduling = Scheduling(units: 10, finished: [0..<4, 6..<7], priorUnitSeconds: 0.001)
        #expect(scheduling.snapshot.unitsDone == 5)
        let effects = scheduling.join(alice, owner: house, at: .zero)
        #expect(leases(effects).map(\.units) == [4..<6, 7..<10])
        var all = Scheduling(units: 3, finished: [0..<3])
        #expect(all.isFinished)
        #expect(all.advance(to: .zero) == [.finished])
        #expect(all.join(alice, owner: house, at: .zero).isEmpty)
    }
}
