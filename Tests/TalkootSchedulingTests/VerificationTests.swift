import TalkootCore
import TalkootScheduling
import Testing

/// The rules of verification, one by one.
@Suite struct VerificationTests {
    private func policy(_ level: VerificationPolicy.Level, ownMachine: Int = 1) -> SchedulingPolicy {
        var policy = SchedulingPolicy()
        policy.verification = VerificationPolicy(level, seed: AuditSeed(1, 2))
        policy.verification.ownMachineChecks = ownMachine
        return policy
    }

    @Test("The draw is SipHash-2-4, as its authors' test vectors have it")
    func vectors() {
        let seed = AuditSeed(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
        #expect(seed.draw(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908) == 0x3f2a_cc7f_57c2_9bdb)
        #expect(seed.bytes == Array(0...15))
    }

    @Test("The first units of a stranger are run again by another owner, once they are durable and not before")
    func firstUnits() {
        var play = Play(units: 1, policy: policy(.audit, ownMachine: 0))
        play.join(1)
        play.join(2)
        play.work(1, .honest, writes: false)
        #expect(play.leases(of: 2).isEmpty)
        play.write()
        #expect(!play.leases(of: 2).isEmpty)
        #expect(play.scheduling.state(of: 0) == .provisional)
        #expect(!play.isFinished)
        play.workOn([1: .honest, 2: .honest])
        #expect(play.isFinished)
        #expect(play.scheduling.snapshot.verification.unitsChecked == 1)
        #expect(play.convictions.isEmpty)
    }

    @Test("Nobody checks himself: a lone volunteer is checked by the requester's machine")
    func alone() {
        var play = Play(units: 10, policy: policy(.strict))
        play.join(1)
        play.workOn([1: .honest])
        #expect(play.isFinished)
        #expect(play.scheduling.snapshot.verification.ownRuns > 0)
        #expect(play.scheduling.snapshot.verification.unitsChecked == 10)
    }

    @Test("A liar is convicted, everything of his is void, and others do it again")
    func liar() {
        var play = Play(units: 200, policy: policy(.audit))
        for owner in 1...3 as ClosedRange<UInt64> { play.join(owner) }
        play.workOn([1: .honest, 2: .liar, 3: .honest])
        #expect(play.isFinished)
        #expect(play.convictions.map(\.owner).contains(OwnerID(rawValue: 2)))
        #expect(play.convictions.allSatisfy { $0.owner == OwnerID(rawValue: 2) })
        #expect(play.wrongUnits == 0)
        #expect(play.scheduling.isBanned(OwnerID(rawValue: 2)))
        #expect(play.leases(of: 2).isEmpty)
    }

    @Test("A unit that was gone on with from another owner's checkpoint is always checked, and done again without blame when it is wrong")
    func continued() {
        var play = Play(units: 5, policy: policy(.audit))
        play.scheduling.goesOn(2)
        play.join(1)
        for _ in 0..<5 { play.work(1, .wrongOnce) }
        play.join(2)
        play.workOn([1: .wrongOnce, 2: .honest])
        #expect(play.isFinished)
        #expect(play.convictions.isEmpty)
        #expect(play.wrongUnits == 0)
        #expect(play.scheduling.snapshot.verification.unitsVoided == 1)
    }

    @Test("Beyond the first units of an owner a continued unit is the one that is checked for certain")
    func continuedLater() {
        var rules = policy(.audit)
        rules.verification.auditRate = 0
        var play = Play(units: 100, policy: rules)
        play.scheduling.goesOn(77)
        play.join(1)
        play.join(2)
        play.workOn([1: .honest, 2: .honest])
        #expect(play.isFinished)
        #expect(play.scheduling.snapshot.verification.unitsChecked == 11)
    }

    @Test("Who calls a right result wrong is convicted himself")
    func accuser() {
        var play = Play(units: 50, policy: policy(.strict))
        play.join(1)
        play.work(1, .honest)
        play.join(2)
        play.workOn([1: .honest, 2: .liar])
        #expect(play.isFinished)
        #expect(play.convictions.allSatisfy { $0.owner == OwnerID(rawValue: 2) })
        #expect(!play.convictions.isEmpty)
        #expect(play.wrongUnits == 0)
    }

    @Test("Two who come to the same wrong result are banned at once; what one called right of the other is void")
    func collusion() {
        var play = Play(units: 10, policy: policy(.triple))
        play.join(1)
        play.join(2)
        play.workOn([1: .colluder, 2: .colluder], steps: 40)
        play.join(3)
        play.join(4)
        play.workOn([1: .colluder, 2: .colluder, 3: .honest, 4: .honest])
        #expect(play.isFinished)
        #expect(play.wrongUnits == 0)
        #expect(play.convictions.contains { $0.ground == .collusion })
        #expect(play.scheduling.isBanned(OwnerID(rawValue: 1)) && play.scheduling.isBanned(OwnerID(rawValue: 2)))
        #expect(!play.scheduling.isBanned(OwnerID(rawValue: 3)) && !play.scheduling.isBanned(OwnerID(rawValue: 4)))
    }

    @Test("One wrong result means quarantine; clean work ends it")
    func quarantine() {
        var play = Play(units: 400, policy: policy(.audit))
        for owner in 1...3 as ClosedRange<UInt64> { play.join(owner) }
        play.workOn([1: .honest, 2: .wrongOnce, 3: .honest])
        #expect(play.isFinished)
        #expect(play.convictions.map(\.ground) == [.wrong])
        #expect(!play.scheduling.isBanned(OwnerID(rawValue: 2)))
        #expect(play.wrongUnits == 0)
    }

    @Test("Machines of one network, and with a module that wants equal machines those of another kind, do not check each other")
    func traits() {
        for (one, other, homogeneous) in [
            (HostTraits(network: 7), HostTraits(network: 7), false), (HostTraits(kind: 1), HostTraits(kind: 2), true),
        ] {
            var rules = policy(.strict, ownMachine: 0)
            rules.verification.isHomogeneous = homogeneous
            var play = Play(units: 4, policy: rules)
            play.join(1, one)
            play.work(1, .honest)
            play.join(2, other)
            let checks = play.leases(of: 2).filter { $0.units.contains(0) }
            #expect(checks.isEmpty)
            play.join(3, HostTraits(network: 8, kind: 1))
            play.workOn([1: .honest, 2: .honest, 3: .honest], steps: 20)
            #expect(play.scheduling.snapshot.verification.unitsChecked > 0)
        }
    }

    @Test("While many results wait for a check nothing new is given out")
    func bound() {
        var rules = policy(.strict, ownMachine: 0)
        rules.verification.maximumChecks = 8
        rules.verification.pairingSeconds = 0.1
        var play = Play(units: 1000, policy: rules)
        play.join(1)
        play.workOn([1: .honest], steps: 200)
        #expect(play.scheduling.unitsDone < 20)
        #expect(!play.isFinished)
        play.join(2)
        play.workOn([1: .honest, 2: .honest])
        #expect(play.isFinished)
    }

    @Test("Among many owners a new one with many machines has a fiftieth of the work")
    func newOwners() {
        var play = Play(units: 100_000, policy: policy(.audit))
        for owner in 1...120 as ClosedRange<UInt64> { play.join(owner) }
        for slot in 0..<80 as Range<UInt64> { play.join(1000, slot: slot) }
        #expect(play.leases(of: 1000).count <= 4)
    }

    @Test("A resumed job knows whom it banned, and draws the audits of what it has anew")
    func restoring() {
        var play = Play(units: 20, policy: policy(.audit))
        play.scheduling.ban(OwnerID(rawValue: 9))
        play.restore(0..<10, by: 3, .liar)
        play.join(9)
        play.join(1)
        #expect(play.leases(of: 9).isEmpty)
        play.workOn([1: .honest])
        #expect(play.isFinished)
        #expect(play.wrongUnits == 0)
        #expect(play.convictions.map(\.owner) == [OwnerID(rawValue: 3)])
    }

    @Test("Who is wrong in a unit whose result the requester knows is convicted at once, without a check; who is right has passed one")
    func knownAnswers() {
        var rules = policy(.audit, ownMachine: 0)
        (rules.verification.auditRate, rules.verification.firstUnits) = (0, 0)
        var play = Play(units: 20, policy: rules)
        for unit in [3, 7, 12] as [UInt64] { play.scheduling.know(unit, ResultDigest(unit, 0)) }
        play.join(1)
        for _ in 0..<3 { play.work(1, .liar) }
        #expect(play.convictions.isEmpty)
        play.work(1, .liar)
        #expect(play.convictions.map(\.units) == [3..<4])
        #expect(play.convictions.first?.unitsVoided == 4)
        play.leave(1)
        play.join(2)
        play.workOn([2: .honest])
        #expect(play.isFinished)
        #expect(play.scheduling.snapshot.verification.knownAnswers == 3)
        #expect(play.scheduling.snapshot.verification.unitsChecked == 0)
        #expect(play.wrongUnits == 0)
    }

    @Test("A whole escrow window after they were durable, results are final: a conviction does not take them back")
    func finality() {
        var rules = policy(.audit)
        (rules.verification.firstUnits, rules.verification.auditRate) = (0, 0)
        rules.verification.escrowSeconds = 10
        var play = Play(units: 2000, policy: rules)
        play.join(1)
        play.join(2)
        while play.now < .seconds(25) {
            play.work(1, .honest)
            play.work(2, .honest)
            play.runHere()
        }
        #expect(play.scheduling.state(of: 0) == .final)
        let late = play.leases(of: 1).first?.units.lowerBound ?? 0
        play.scheduling.know(late, ResultDigest(late, 0))
        play.work(1, .liar)
        #expect(play.convictions.map(\.owner) == [OwnerID(rawValue: 1)])
        #expect(play.scheduling.state(of: 0) == .final)
        let voided = play.convictions.first?.unitsVoided ?? 0
        #expect(voided > 0 && voided <= 110, "\(voided) of two windows' units")
        #expect(play.problem == nil)
    }

    @Test("Everybody's first units are at least two checks, also when many units make one audit")
    func twoChecks() {
        var rules = policy(.audit)
        rules.verification.auditSeconds = 10
        rules.verification.auditRate = 0
        var play = Play(units: 40, policy: rules)
        play.restore(0..<40, by: 1, .honest)
        play.workOn([:])
        #expect(play.isFinished)
        #expect(play.scheduling.snapshot.verification.passed == 2)
        #expect(play.scheduling.snapshot.verification.unitsChecked == 5)
    }

    @Test("With the seed everybody can repeat the draws, whose share is the rate; the rate follows from what may be wrong")
    func draws() {
        var rules = VerificationPolicy(.audit, seed: AuditSeed(3, 4))
        rules.auditRate = 0.25
        let drawn = (0..<4000 as Range<UInt64>).filter { rules.isDrawn($0, of: OwnerID(rawValue: 9)) }
        #expect(abs(drawn.count - 1000) < 120)
        #expect(drawn != (0..<4000 as Range<UInt64>).filter { rules.isDrawn($0, of: OwnerID(rawValue: 8)) })
        #expect(VerificationPolicy.auditRate(owners: 1000, units: 10_000_000_000) == 0.01)
        #expect(VerificationPolicy.auditRate(owners: 1000, units: 1_000_000) == nil)
        let rate = VerificationPolicy.auditRate(owners: 1000, units: 100_000_000) ?? 0
        #expect(abs(rate - 0.0736) < 0.001)
    }

    @Test(
        "Whatever liars do, with everything checked no wrong result stands and nobody honest is convicted",
        arguments: 1...60 as ClosedRange<UInt64>)
    func story(seed: UInt64) {
        #expect(VerificationStory(seed: seed).tell() == nil, "seed \(seed)")
    }
}
