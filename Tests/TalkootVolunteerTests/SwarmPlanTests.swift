import TalkootCore
import TalkootProtocol
import TalkootTesting
import Testing

@testable import TalkootVolunteer

/// Volunteers' plans against each other in simulated time: a network of queues, a seed that sends each chunk once and then refers.
private struct SimulatedSwarm {
    enum Behaviour { case honest, lying, silent, slow }

    struct Event {
        var at: Tick
        var order: Int
        var peer: Int
        var act: Act
    }

    enum Act {
        case arrived(Int, SwarmPlan.Source, isRight: Bool)
        case referred(Int)
        case refused(Int, SwarmPlan.Source)
        case has(Int, ChunkSet)
        case beat
    }

    var plans: [SwarmPlan]
    let behaviours: [Behaviour]
    let chunks: Int
    var random: SeededRandom
    var events: [Event] = []
    var order = 0
    var sent = 0
    var given: [Int: Int] = [:]
    var left: [Int: [SwarmPlan.Reason]] = [:]
    var busyUntil: [Int: Double] = [:]
    var now = 0.0
    var problem: String?

    init(honest: Int, others: [Behaviour], chunks: Int, seed: UInt64) {
        self.chunks = chunks
        random = SeededRandom(seed: seed)
        behaviours = Array(repeating: .honest, count: honest) + others
        plans = behaviours.indices.map { SwarmPlan(held: ChunkSet(bound: chunks), seed: seed &+ UInt64($0)) }
        for peer in 0..<honest {
            for other in behaviours.indices where other != peer {
                plans[peer].linked(other, at: .zero)
                if behaviours[other] != .honest { perform(plans[peer].told(other, has: .full(bound: chunks), at: .zero), of: peer) }
            }
        }
    }

    mutating func schedule(_ seconds: Double, _ peer: Int, _ act: Act) {
        order += 1
        events.append(Event(at: .seconds(now + seconds), order: order, peer: peer, act: act))
    }

    mutating func perform(_ effects: [SwarmPlan.Effect], of peer: Int) {
        for effect in effects {
            switch effect {
            case .ask(.seed, let chunk, let mayRefer):
                if mayRefer, let holder = given[chunk], holder != peer {
                    schedule(0.02, peer, .referred(chunk))
                } else {
                    given[chunk] = peer
                    sent += 1
                    busyUntil[-1] = max(now, busyUntil[-1, default: 0]) + 0.005
                    schedule(busyUntil[-1, default: 0] - now + 0.02, peer, .arrived(chunk, .seed, isRight: true))
                }
            case .ask(.link(let other), let chunk, _):
                serve(chunk, by: other, to: peer)
            case .leave(let other, let reason): left[other, default: []].append(reason)
            }
        }
        check(peer)
    }

    mutating func serve(_ chunk: Int, by other: Int, to peer: Int) {
        switch behaviours[other] {
        case .silent: break
        case .lying: schedule(0.01, peer, .arrived(chunk, .link(other), isRight: false))
        case .honest where !plans[other].held.contains(chunk): schedule(0.02, peer, .refused(chunk, .link(other)))
        case .honest, .slow:
            busyUntil[other] = max(now, busyUntil[other, default: 0]) + (behaviours[other] == .slow ? 2 : 0.005)
            let delay = busyUntil[other, default: 0] - now + 0.01 + Double.random(in: 0..<0.01, using: &random)
            schedule(delay, peer, .arrived(chunk, .link(other), isRight: true))
        }
    }

    mutating func check(_ peer: Int) {
        let plan = plans[peer]
        if plan.links.values.contains(where: { $0.open > SwarmLimits.openChunks || $0.open < 0 }) { problem = "too many open at a link" }
        if plan.links.values.count(where: { $0.open > 0 }) > SwarmLimits.busyLinks { problem = "too many links at once" }
        if plan.openAtSeed > SwarmLimits.openChunks || plan.openAtSeed < 0 { problem = "too many open at the seed" }
        if plan.asks.values.contains(where: { $0.count > 2 }) { problem = "a chunk asked for three times" }
        if plan.asks.values.contains(where: { $0.count == 2 }), plan.wanted.count > SwarmLimits.lastChunks {
            problem = "an early duplicate"
        }
    }

    /// Runs until every honest volunteer has everything, or time is over.
    mutating func run(within limit: Double, isSated: (SwarmPlan) -> Bool = { $0.held.isFull }) {
        let honest = behaviours.indices.filter { behaviours[$0] == .honest }
        for peer in honest { schedule(0.2, peer, .beat) }
        while !honest.allSatisfy({ isSated(plans[$0]) }), now < limit, problem == nil {
            guard let next = events.indices.min(by: { (events[$0].at, events[$0].order) < (events[$1].at, events[$1].order) }) else {
                return
            }
            let event = events.remove(at: next)
            now = max(now, event.at.seconds(since: .zero))
            step(event)
        }
    }

    private mutating func step(_ event: Event) {
        let peer = event.peer
        switch event.act {
        case .arrived(let chunk, let source, let isRight):
            perform(plans[peer].arrived(chunk, from: source, isRight: isRight, at: event.at), of: peer)
        case .referred(let chunk): perform(plans[peer].refer(chunk, at: event.at), of: peer)
        case .refused(let chunk, let source): perform(plans[peer].refused(chunk, by: source, at: event.at), of: peer)
        case .has(let other, let chunks): perform(plans[peer].told(other, has: chunks, at: event.at), of: peer)
        case .beat:
            perform(plans[peer].beat(at: event.at), of: peer)
            for other in behaviours.indices where other != peer && behaviours[other] == .honest {
                schedule(0.01, other, .has(peer, plans[peer].held))
            }
            schedule(0.2, peer, .beat)
        }
    }
}

@Suite("The plan of a swarm")
struct SwarmPlanTests {
    @Test("Eight volunteers fetch all of a blob; the seed sends little more than one copy", arguments: 1...20 as ClosedRange<UInt64>)
    func oneCopy(seed: UInt64) {
        var swarm = SimulatedSwarm(honest: 8, others: [], chunks: 200, seed: seed)
        for peer in 0..<8 { swarm.perform(swarm.plans[peer].wantAll(at: .zero), of: peer) }
        swarm.run(within: 120)
        #expect(swarm.problem == nil, "seed \(seed)")
        #expect(swarm.plans.allSatisfy { $0.held.isFull }, "seed \(seed)")
        #expect(swarm.sent <= 220, "\(swarm.sent) of 200 chunks came from the seed; seed \(seed)")
        #expect(swarm.left.isEmpty, "an honest holder was left: \(swarm.left), seed \(seed)")
    }

    @Test("Liars and the silent are left, the slow ones too, and everything comes all the same", arguments: 1...10 as ClosedRange<UInt64>)
    func misbehaviour(seed: UInt64) {
        var swarm = SimulatedSwarm(honest: 5, others: [.lying, .silent, .slow], chunks: 300, seed: seed)
        for peer in 0..<5 { swarm.perform(swarm.plans[peer].wantAll(at: .zero), of: peer) }
        swarm.run(within: 300)
        #expect(swarm.problem == nil, "seed \(seed)")
        #expect((0..<5).allSatisfy { swarm.plans[$0].held.isFull }, "seed \(seed)")
        #expect(swarm.left[5]?.count == 5 && swarm.left[5]?.allSatisfy { if case .lied = $0 { true } else { false } } == true)
        #expect(swarm.left[6]?.allSatisfy { $0 == .silent } == true)
        #expect((0..<5).allSatisfy { swarm.left[$0] == nil }, "an honest holder was left: \(swarm.left), seed \(seed)")
        #expect(swarm.sent <= 450, "\(swarm.sent) of 300 chunks came from the seed; seed \(seed)")
    }

    @Test("What is needed now is asked for first and in order, of a link that has it before the seed")
    func urgency() {
        var plan = SwarmPlan(held: ChunkSet(bound: 100), seed: 1)
        plan.linked(1, at: .zero)
        var has = ChunkSet(bound: 100)
        has.insert(42)
        #expect(plan.told(1, has: has, at: .zero).isEmpty)
        #expect(
            plan.want([41, 42, 43], at: .zero) == [
                .ask(.link(1), chunk: 42, mayRefer: false), .ask(.seed, chunk: 41, mayRefer: true), .ask(.seed, chunk: 43, mayRefer: true),
            ])
        #expect(plan.arrived(41, from: .seed, isRight: true, at: .zero).isEmpty)
        #expect(plan.held.contains(41))
    }

    @Test("A chunk that others were named for is asked for again after a while, and then it is to be sent")
    func referral() {
        var plan = SwarmPlan(held: ChunkSet(bound: 10), seed: 1)
        #expect(plan.want([3], at: .zero) == [.ask(.seed, chunk: 3, mayRefer: true)])
        #expect(plan.refer(3, at: .zero).isEmpty)
        #expect(plan.beat(at: .seconds(SwarmLimits.referralSeconds - 0.1)).isEmpty)
        #expect(plan.beat(at: .seconds(SwarmLimits.referralSeconds)) == [.ask(.seed, chunk: 3, mayRefer: false)])
    }

    @Test("A link that goes gives its chunks back, and a suspension of this machine is nobody's fault")
    func giveBack() {
        var plan = SwarmPlan(held: ChunkSet(bound: 10), seed: 1)
        plan.linked(1, at: .zero)
        _ = plan.told(1, has: .full(bound: 10), at: .zero)
        #expect(plan.want([3], at: .zero) == [.ask(.link(1), chunk: 3, mayRefer: false)])
        plan.forgive(at: .seconds(100))
        #expect(plan.beat(at: .seconds(100)).isEmpty)
        #expect(plan.unlinked(1, at: .seconds(101)) == [.ask(.seed, chunk: 3, mayRefer: true)])
    }

    @Test("When two volunteers dial each other one link stays, and a liar gets none")
    func circle() throws {
        let low = PeerID(digest: try #require(Digest(bytes: [UInt8](repeating: 1, count: 32))))
        let high = PeerID(digest: try #require(Digest(bytes: [UInt8](repeating: 200, count: 32))))
        let (first, second) = low < high ? (low, high) : (high, low)
        var (one, two) = (SwarmCircle(own: first), SwarmCircle(own: second))
        one.meet(.init(peer: second, address: "192.0.2.2", port: 7120), isNamed: false)
        two.meet(.init(peer: first, address: "192.0.2.1", port: 7120), isNamed: false)
        #expect(one.dial(at: .zero).count == 1)
        #expect(two.dial(at: .zero).count == 1)
        #expect(one.accept(second) == false)
        #expect(two.accept(first) == true)
        two.lost(first, wasDialled: true, isLiar: false, at: .zero)
        #expect(two.count == 1)
        #expect(two.accept(first) == false)
        one.lost(second, wasDialled: true, isLiar: true, at: .zero)
        one.meet(.init(peer: second, address: "192.0.2.2", port: 7120), isNamed: true)
        #expect(one.dial(at: .seconds(1000)).isEmpty)
        #expect(one.accept(second) == false)
    }

    @Test("Uploads keep to the owner's rate")
    func budget() {
        var budget = UploadBudget(bytesPerSecond: 1 << 20, at: .zero)
        var (now, sent) = (0.0, 0)
        while now < 10 {
            let wait = budget.take(128 << 10, at: .seconds(now))
            if wait > 0 { now += wait } else { sent += 128 << 10 }
        }
        #expect(sent >= 10 << 20 && sent <= (12 << 20))
    }
}
