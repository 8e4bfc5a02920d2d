import TalkootCore
import TalkootProtocol
import Testing

@testable import TalkootVolunteer

@Suite("The governor")
struct GovernorTests {
    let signed = Governor.KnownModule(name: "primes", version: "1.2.0", publisher: "tkp1-bob")

    @Test("With the policy `any` a job within the limits is let in")
    func any() {
        var governor = Governor(policy: policy())
        #expect(governor.consider(request(job()), from: asker, known: nil, at: .zero).isYes)
        #expect(governor.admissions.count == 1)
    }

    @Test("A request without a job is refused")
    func noJob() {
        var governor = Governor(policy: policy())
        #expect(governor.consider(request(nil), from: asker, known: nil, at: .zero).reason?.code == .usage)
    }

    @Test(
        "A job beyond a limit is refused, and the reason names the limit",
        arguments: [
            (job(limits: CellLimits(memoryBytes: 512 << 20)), "256 MiB"), (job(limits: CellLimits(threads: 4)), "threads"),
            (job(limits: CellLimits(threads: 0)), "no sense"), (job(limits: CellLimits(unitWallSeconds: .nan)), "no sense"),
            (job(limits: CellLimits(unitProcessorSeconds: -1)), "no sense"), (job(packageBytes: 1 << 40), "out of range"),
            (job(packageBytes: 0), "out of range"),
        ])
    func limits(job: Message.JobDescription, word: String) {
        var governor = Governor(policy: policy())
        let reason = governor.consider(request(job), from: asker, known: nil, at: .zero).reason
        #expect(reason?.message.contains(word) == true, "\(String(describing: reason))")
        #expect(governor.refusals.count == 1 && governor.admissions.isEmpty)
    }

    @Test("A job that demands more confinement than there is, is refused")
    func levelOfJob() {
        var governor = Governor(policy: policy(level: .landlocked))
        let reason = governor.consider(request(job(minimumLevel: .full)), from: asker, known: nil, at: .zero).reason
        #expect(reason?.message == "the job wants confinement level 4, this machine has 2")
    }

    @Test("A machine below its owner's minimum level takes nothing")
    func levelOfOwner() {
        var governor = Governor(policy: policy(level: .filtered))
        #expect(governor.consider(request(job(minimumLevel: .none)), from: asker, known: nil, at: .zero).reason?.code == .refused)
    }

    @Test("A unit's time is lowered to the owner's limit")
    func clamp() {
        var governor = Governor(policy: policy())
        let job = job(limits: CellLimits(memoryBytes: 1, outputBytes: .max, logBytes: .max, unitWallSeconds: 1e9))
        let limits = governor.consider(request(job), from: asker, known: nil, at: .zero).admission?.limits
        #expect(limits?.unitWallSeconds == 100 && limits?.outputBytes == 64 << 20 && limits?.memoryBytes == 8 << 20)
    }

    @Test("With the policy `trusted` the module's digest opens the door")
    func trustedDigest() {
        var governor = Governor(policy: policy(.trusted, trusted: [aliceDigest.description]))
        let decision = governor.consider(request(job()), from: asker, known: nil, at: .zero)
        #expect(decision.isYes)
        #expect(decision.admission.flatMap { governor.objection(to: $0, publisher: nil, moduleName: "primes", at: .zero) } == nil)
    }

    @Test("With the policy `trusted` the publisher decides, at the latest when the package is here")
    func trustedPublisher() throws {
        var governor = Governor(policy: policy(.trusted, trusted: ["tkp1-bob"]))
        let decision = governor.consider(request(job()), from: asker, known: nil, at: .zero)
        let admission = try #require(decision.admission)
        #expect(governor.objection(to: admission, publisher: "tkp1-bob", moduleName: "primes", at: .zero) == nil)
        #expect(governor.objection(to: admission, publisher: "tkp1-eve", moduleName: "primes", at: .zero)?.code == .refused)
        #expect(governor.objection(to: admission, publisher: nil, moduleName: "primes", at: .zero)?.message.contains("not signed") == true)
        let eve = Governor.KnownModule(name: "primes", version: "1.2.0", publisher: "tkp1-eve")
        #expect(governor.consider(request(job(2)), from: asker, known: eve, at: .zero).reason?.message.contains("tkp1-eve") == true)
    }

    @Test("A module that turns out to have another name is refused")
    func otherName() throws {
        var governor = Governor(policy: policy())
        let admission = try #require(governor.consider(request(job()), from: asker, known: nil, at: .zero).admission)
        #expect(
            governor.objection(to: admission, publisher: nil, moduleName: "miner", at: .zero)?.message
                == "the module is called miner, not primes")
    }

    @Test("With the policy `ask` the owner sees the request in plain words and answers")
    func asked() throws {
        var governor = Governor(policy: policy(.ask))
        guard case .ask(let admission) = governor.consider(request(job()), from: asker, known: signed, at: .zero) else {
            Issue.record("not asked")
            return
        }
        #expect(
            admission.summary.description
                == "primes 1.2.0 by alice: reads nothing; network: never; memory up to 64 MiB; signed by tkp1-bob")
        #expect(governor.answer(admission, isAllowed: true, at: .zero) == .yes(admission, replacing: nil))
        guard case .ask(let second) = governor.consider(request(job(2, inputBytes: 9)), from: asker, known: nil, at: .zero) else {
            Issue.record("not asked")
            return
        }
        #expect(second.summary.description.contains("not seen here before) by alice: reads its input only"))
        #expect(governor.answer(second, isAllowed: false, at: .zero).reason?.message == "the owner of this volunteer said no")
        #expect(governor.admissions == [admission])
        #expect(governor.answer(second, isAllowed: true, at: .zero).reason != nil)
    }

    @Test("A trusted publisher needs no question")
    func noQuestion() {
        var governor = Governor(policy: policy(.ask, trusted: ["tkp1-bob"]))
        #expect(governor.consider(request(job()), from: asker, known: signed, at: .zero).isYes)
    }

    @Test("The fifth job is told that the volunteer is busy; a seat given back is used again")
    func busy() throws {
        var governor = Governor(policy: policy())
        var admissions: [Governor.Admission] = []
        for id in 1...4 {
            admissions.append(try #require(governor.consider(request(job(UInt64(id))), from: asker, known: nil, at: .zero).admission))
        }
        #expect(Set(admissions.map(\.seat)) == [0, 1, 2, 3] && !governor.isOpen)
        #expect(governor.consider(request(job(5)), from: asker, known: nil, at: .zero).reason?.code == .tryLater)
        governor.leave(admissions[2])
        #expect(governor.consider(request(job(6)), from: asker, known: nil, at: .zero).admission?.seat == 2)
        governor.leave(admissions[2])
        #expect(governor.admissions.count == 4)
    }

    @Test("The same peer that comes again for its job takes its own seat over; another peer does not")
    func again() throws {
        var governor = Governor(policy: policy())
        let first = try #require(governor.consider(request(job()), from: asker, known: nil, at: .zero).admission)
        #expect(governor.consider(request(job()), from: asker, known: nil, at: .zero) == .yes(first, replacing: first.seat))
        let other = Governor.Asker(address: "192.0.2.8", peer: nil)
        #expect(governor.consider(request(job()), from: other, known: nil, at: .zero).admission?.seat == 1)
    }

    @Test("A draining volunteer says no")
    func draining() {
        var governor = Governor(policy: policy())
        governor.drain()
        #expect(governor.consider(request(job()), from: asker, known: nil, at: .zero).reason?.message == "this volunteer is stopping")
    }

    @Test("Only the newest refusals are kept")
    func refusals() {
        var governor = Governor(policy: policy())
        for second in 0..<100 {
            _ = governor.consider(request(nil, module: "m\(second)"), from: asker, known: nil, at: .seconds(Double(second)))
        }
        #expect(governor.refusals.count == VolunteerLimits.refusals && governor.refusals.last?.request == "m99")
    }

    @Test("Text from another machine cannot forge a line or hide in one")
    func harmlessText() {
        #expect(JobRequestSummary.line("a\nb\u{1b}[2J\u{202e}c") == "a b [2J c")
        #expect(JobRequestSummary.line(String(repeating: "x", count: 500)).count == 80)
    }
}
