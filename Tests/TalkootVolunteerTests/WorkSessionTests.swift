import TalkootCore
import TalkootProtocol
import Testing

@testable import TalkootVolunteer

@Suite("A work session")
struct WorkSessionTests {
    let admission: Governor.Admission = {
        var governor = Governor(policy: policy())
        return governor.consider(request(job(inputBytes: 1 << 20)), from: asker, known: nil, at: .zero).admission!
    }()

    private func fresh() -> WorkSession { WorkSession(slots: 2, level: .full, inputCapBytes: 8 << 20) }

    private func working(_ input: InputKind = .none) -> WorkSession {
        var session = fresh()
        _ = session.request(request(admission.job))
        _ = session.decided(request(admission.job), .success(admission))
        _ = session.loaded(admission, input: input)
        return session
    }

    private func grant(_ lease: UInt64, slot: Int = 0, _ units: Range<UInt64> = 0..<10, input: Range<UInt64> = 0..<0) -> Message.Grant {
        Message.Grant(job: admission.job.id, lease: lease, slot: slot, units: units, input: input)
    }

    private func isFault(_ effects: [WorkSession.Effect]) -> Bool {
        if case .send(.error) = effects.first { true } else { false }
    }

    @Test("A job goes from request to yes, to the module, to the offer of slots")
    func opening() {
        var session = fresh()
        let request = request(admission.job)
        #expect(session.request(request) == [.consider(request)])
        #expect(
            session.decided(request, .success(admission))
                == [.send(.response(.init(reply: "yes", job: admission.job.id))), .load(admission)])
        #expect(
            session.loaded(admission, input: .none)
                == [.start(admission, slots: 2), .send(.ready(.init(job: admission.job.id, slots: 2, level: .full)))])
    }

    @Test("A refusal carries its reason, and another request may follow")
    func refusal() {
        var session = fresh()
        _ = session.request(request(admission.job))
        let effects = session.decided(request(admission.job), .failure(TalkootError(.refused, "not today")))
        #expect(effects == [.send(.response(.init(reply: "no", reason: "not today", job: admission.job.id)))])
        #expect(session.request(request(admission.job)) == [.consider(request(admission.job))])
    }

    @Test("A second job on the same connection is refused")
    func second() {
        var session = working()
        guard case .send(.response(let response)) = session.request(request(job(2))).first else {
            Issue.record("no answer")
            return
        }
        #expect(response.reply == "no" && response.job == JobID(rawValue: 2))
    }

    @Test("When the coordinator leaves while the owner thinks, the seat is given back")
    func leftWhileAsked() {
        var session = fresh()
        _ = session.request(request(admission.job))
        #expect(session.closed() == [])
        #expect(session.decided(request(admission.job), .success(admission)) == [.leave(admission)])
    }

    @Test("The package is fetched in pieces of at most 1 MiB, four at a time, and a refusal reaches the loader")
    func package() {
        var session = fresh()
        var admission = admission
        admission.job.packageBytes = 10 << 20
        _ = session.request(request(admission.job))
        _ = session.decided(request(admission.job), .success(admission))
        let effects = session.fetchPackage(at: .zero)
        var fetches: [Message.Fetch] = []
        for case .send(.fetch(let fetch)) in effects { fetches.append(fetch) }
        #expect(fetches.map(\.offset) == [0, 1 << 20, 2 << 20, 3 << 20] && fetches.allSatisfy { $0.length == 1 << 20 })
        let fault = Message.Fault(regarding: "fetch", code: "not-found", reason: "gone", stream: fetches[0].stream)
        #expect(session.fault(fault) == [.wake(.loader)])
        guard case .failed(let error) = session.pull(.package, held: 0, at: .zero).pull else {
            Issue.record("not failed")
            return
        }
        #expect(error.message.contains("gone"))
        #expect(session.failed(admission, error).contains(.leave(admission)))
        #expect(session.job == nil)
    }

    @Test("A lease is queued, run, committed, acknowledged and over")
    func lease() {
        var session = working()
        #expect(session.grant(grant(1), at: .zero) == [.wake(.slot(0))])
        guard case .run(let lease, .none) = session.nextTurn(slot: 0) else {
            Issue.record("nothing to run")
            return
        }
        #expect(lease.units == 0..<10 && session.nextTurn(slot: 1) == .wait)
        #expect(session.committed(slot: 0, units: 0..<10, resultBytes: 100, isFailure: false) == true)
        #expect(session.remaining(slot: 0) == nil)
        #expect(session.ended(slot: 0, reason: nil, at: .zero) == [])
        #expect(session.acknowledge(.init(job: admission.job.id, lease: 1, units: 0..<10)) == [])
        #expect(session.nextTurn(slot: 0) == .wait)
    }

    @Test("What is left of a lease that cannot go on is given back with the reason")
    func release() {
        var session = working()
        _ = session.grant(grant(1), at: .zero)
        _ = session.nextTurn(slot: 0)
        _ = session.committed(slot: 0, units: 0..<3, resultBytes: 0, isFailure: false)
        #expect(
            session.ended(slot: 0, reason: "no cell", at: .zero)
                == [.send(.release(.init(job: admission.job.id, lease: 1, from: 3, reason: "no cell")))])
    }

    @Test("A revocation lowers the line of the running lease")
    func revoke() {
        var session = working()
        _ = session.grant(grant(1), at: .zero)
        _ = session.nextTurn(slot: 0)
        #expect(session.revoke(.init(job: admission.job.id, lease: 1, from: 5)) == [.lower(slot: 0, lease: 1, to: 5)])
        #expect(session.remaining(slot: 0) == 0..<5)
        #expect(session.revoke(.init(job: admission.job.id, lease: 99, from: 5)) == [])
    }

    @Test("A grant that makes no sense is a violation, and many close the connection")
    func absurd() {
        var session = working()
        _ = session.grant(grant(1), at: .zero)
        #expect(isFault(session.grant(grant(1), at: .zero)), "a lease twice")
        #expect(isFault(session.grant(grant(2, slot: 2), at: .zero)), "an unknown slot")
        #expect(isFault(session.grant(grant(2, slot: -1), at: .zero)), "a negative slot")
        #expect(isFault(session.grant(grant(2, 0..<(.max)), at: .zero)), "units beyond the job")
        #expect(isFault(session.grant(grant(2, 5..<5), at: .zero)), "no units")
        #expect(isFault(session.grant(grant(2, input: 0..<5), at: .zero)), "input for a module without")
        var withInput = working(.lines)
        #expect(isFault(withInput.grant(grant(2), at: .zero)), "no input")
        #expect(isFault(withInput.grant(grant(2, input: 0..<(.max)), at: .zero)), "input beyond the job's")
        for _ in 0..<VolunteerLimits.faults {
            if case .close = session.grant(grant(1), at: .zero).first { return }
        }
        Issue.record("never closed")
    }

    @Test("A lease more than a slot may hold is given back at once")
    func tooMany() {
        var session = working()
        for lease in 1...UInt64(VolunteerLimits.queuedLeases) { _ = session.grant(grant(lease), at: .zero) }
        guard case .send(.release(let release)) = session.grant(grant(77), at: .zero).first else {
            Issue.record("not released")
            return
        }
        #expect(release.lease == 77 && release.from == 0)
    }

    @Test("Input is fetched for the running lease first, then for the next one")
    func prefetch() {
        var session = working(.bytes(1))
        func offsets(_ effects: [WorkSession.Effect]) -> [UInt64] {
            effects.compactMap { if case .send(.fetch(let fetch)) = $0 { fetch.offset } else { nil } }
        }
        #expect(offsets(session.grant(grant(1, 0..<10, input: 0..<10), at: .zero)) == [0])
        _ = session.nextTurn(slot: 0)
        #expect(offsets(session.grant(grant(2, 10..<20, input: 10..<20), at: .zero)) == [10])
        #expect(offsets(session.grant(grant(3, 20..<30, input: 20..<30), at: .zero)) == [])
        let effects = session.chunk(stream: 1, offset: 0, bytes: [UInt8](repeating: 1, count: 10), isLast: true, at: .zero)
        #expect(effects == [.wake(.slot(0))])
        #expect(session.pull(.input(slot: 0, lease: 1), held: 0, at: .zero).pull == .bytes([UInt8](repeating: 1, count: 10), isEnd: true))
        _ = session.ended(slot: 0, reason: nil, at: .zero)
        _ = session.nextTurn(slot: 0)
        #expect(offsets(session.pump(at: .zero)) == [20])
    }

    @Test("Bytes for a lease that ended meanwhile are dropped without complaint")
    func lateChunk() {
        var session = working(.bytes(1))
        _ = session.grant(grant(1, input: 0..<10), at: .zero)
        _ = session.revoke(.init(job: admission.job.id, lease: 1, from: 0))
        #expect(session.chunk(stream: 1, offset: 0, bytes: [UInt8](repeating: 1, count: 10), isLast: true, at: .zero) == [])
    }

    @Test("A drain gives back what waits, ends what runs, and is quiet after the last acknowledgement")
    func drain() {
        var session = working()
        _ = session.grant(grant(1), at: .zero)
        _ = session.grant(grant(2, 10..<20), at: .zero)
        _ = session.nextTurn(slot: 0)
        let effects = session.drain()
        #expect(effects.contains(.lower(slot: 0, lease: 1, to: 0)) && !effects.contains(.quiet))
        #expect(effects.contains(.send(.release(.init(job: admission.job.id, lease: 2, from: 10, reason: "this volunteer is stopping")))))
        #expect(session.committed(slot: 0, units: 0..<1, resultBytes: 4, isFailure: false) == true)
        #expect(session.remaining(slot: 0) == nil && session.nextTurn(slot: 1) == .wait)
        let ended = session.ended(slot: 0, reason: nil, at: .zero)
        #expect(ended == [.send(.release(.init(job: admission.job.id, lease: 1, from: 1, reason: "this volunteer is stopping")))])
        #expect(session.acknowledge(.init(job: admission.job.id, lease: 1, units: 0..<1)) == [.quiet])
        #expect(session.grant(grant(3), at: .zero).count == 1)
    }

    @Test("A drain without a job is quiet at once")
    func idleDrain() {
        var session = fresh()
        #expect(session.drain() == [.quiet])
        guard case .send(.response(let response)) = session.request(request(admission.job)).first else {
            Issue.record("no answer")
            return
        }
        #expect(response.reason == "this volunteer is stopping")
    }

    @Test("Cancel and a closed connection stop everything and free the seat")
    func end() {
        var session = working()
        _ = session.grant(grant(1), at: .zero)
        #expect(session.cancel(.init(job: JobID(rawValue: 99), reason: "")) == [])
        #expect(session.cancel(.init(job: admission.job.id, reason: "done")) == [.stop, .leave(admission)])
        #expect(session.nextTurn(slot: 0) == .over && session.closed() == [])
        var other = working()
        #expect(other.closed() == [.stop, .leave(admission)])
    }

    @Test("Heartbeats name what runs, or what waits for its turn")
    func heartbeats() {
        var session = working()
        _ = session.grant(grant(1), at: .zero)
        _ = session.grant(grant(2, slot: 1, 50..<60), at: .zero)
        _ = session.nextTurn(slot: 0)
        _ = session.committed(slot: 0, units: 0..<4, resultBytes: 0, isFailure: false)
        let id = admission.job.id
        #expect(session.heartbeats() == [.init(job: id, lease: 1, next: 4), .init(job: id, lease: 2, next: 50)])
    }

    @Test("Whatever a hostile coordinator sends, in whatever order, the session stands", arguments: 1...20 as ClosedRange<UInt64>)
    func hostile(seed: UInt64) {
        var random = SplitMix(state: seed)
        var session = seed % 2 == 0 ? working() : working(.lines)
        let id = admission.job.id
        func number() -> UInt64 { [0, 1, 2, 5, 99, 100, 101, .max - 1, .max].randomElement(using: &random) ?? 0 }
        func range() -> Range<UInt64> {
            let (left, right) = (number(), number())
            return min(left, right)..<max(left, right)
        }
        for _ in 0..<2000 {
            switch Int.random(in: 0..<9, using: &random) {
            case 0:
                _ = session.grant(
                    .init(job: id, lease: number(), slot: Int.random(in: -1...2, using: &random), units: range(), input: range()), at: .zero
                )
            case 1: _ = session.acknowledge(.init(job: id, lease: number(), units: range()))
            case 2: _ = session.revoke(.init(job: id, lease: number(), from: number()))
            case 3:
                _ = session.chunk(stream: UInt32(truncatingIfNeeded: number()), offset: number(), bytes: [1, 2], isLast: true, at: .zero)
            case 4: _ = session.fault(.init(regarding: "", code: "", reason: "", stream: UInt32(truncatingIfNeeded: number())))
            case 5:
                let slot = Int.random(in: 0..<2, using: &random)
                if session.remaining(slot: slot) == nil { _ = session.ended(slot: slot, reason: nil, at: .zero) }
                if case .working(let work) = session.state, work.slots[slot].running == nil { _ = session.nextTurn(slot: slot) }
            case 6:
                let slot = Int.random(in: 0..<2, using: &random)
                if let units = session.remaining(slot: slot) {
                    _ = session.committed(slot: slot, units: units.lowerBound..<units.lowerBound + 1, resultBytes: 10, isFailure: false)
                }
            case 7: _ = session.beat(at: .seconds(Double.random(in: 0...1000, using: &random)), wasSuspended: false)
            default: _ = session.heartbeats()
            }
        }
        #expect(session.closed().contains(.leave(admission)), "seed \(seed)")
    }
}
