import NIOCore
import Synchronization
import TalkootCore
import TalkootProtocol

/// Performs a ``ReachPlan``: several dials at once, of which the first that opens is kept.
final class ReachAttempt: Sendable {
    /// Whom to reach, and how this side presents itself.
    struct Goal: Sendable {
        var record: PeerRecord
        var rendezvous: Rendezvous?
        var hello: Message.Hello
        var tls: PeerTLS
        var handler: any PeerHandler
        /// How long each way may take.
        var limit: TimeAmount
    }

    private struct State {
        var plan: ReachPlan
        var dials: [EventLoopPromise<PeerConnection>] = []
        /// Whether a connection was taken: one at most, whatever opens at the same time.
        var isTaken = false
    }

    private let goal: Goal
    private let loop: any EventLoop
    private let result: EventLoopPromise<PeerConnection>
    private let state: Mutex<State>

    /// An attempt on that loop; `result` is told how it ends.
    init(_ goal: Goal, result: EventLoopPromise<PeerConnection>, on loop: any EventLoop) {
        self.goal = goal
        self.loop = loop
        self.result = result
        let (record, hasTracker) = (goal.record, goal.rendezvous != nil && goal.record.peer != nil)
        state = Mutex(State(plan: ReachPlan(listens: record.port != 0, hasTracker: hasTracker, reachability: record.reach)))
    }

    /// Begins; call it on the loop.
    func start() { decide { $0.start(at: $1) } }

    private func decide(_ event: (inout ReachPlan, Tick) -> [ReachPlan.Effect]) {
        let now = Tick(loop.now)
        for effect in state.withLock({ event(&$0.plan, now) }) {
            switch effect {
            case .attempt(.direct): dialDirectly()
            case .attempt(.introduced): askTracker()
            case .wake(let moment):
                loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(0, moment.nanoseconds)))) { self.decide { $0.advance(to: $1) } }
            case .fail(let error): result.fail(error)
            }
        }
    }

    /// The promise of a dial; it fails when another one was quicker, which ends the dial.
    private func follow(_ route: ReachPlan.Route) -> EventLoopPromise<PeerConnection> {
        let promise = loop.makePromise(of: PeerConnection.self)
        state.withLock { $0.dials.append(promise) }
        let clock = loop.scheduleTask(in: goal.limit) { promise.fail(TalkootError(.unreachable, "no answer from the peer in time")) }
        promise.futureResult.whenComplete { result in
            clock.cancel()
            switch result {
            case .success(let connection): self.opened(connection)
            case .failure(let error):
                let endpoint = PeerEndpoint(host: self.goal.record.address, port: Int(self.goal.record.port))
                let reason = NetworkFailure.dialing(endpoint, error)
                self.decide { $0.failed(route, reason, at: $1) }
            }
        }
        return promise
    }

    private func opened(_ connection: PeerConnection) {
        let dials = state.withLock { state in
            state.plan.opened()
            return state.dials
        }
        result.succeed(connection)
        for dial in dials { dial.fail(TalkootError(.interrupted, "another way was quicker")) }
    }

    private func settings(_ opened: EventLoopPromise<PeerConnection>, _ way: Way) -> ConnectionSettings {
        let handler = goal.handler
        var settings = ConnectionSettings(
            role: .dialing(.frames), hello: goal.hello, tls: goal.tls, dialsTLS: way != .reverse, pin: goal.record.peer,
            makeHandler: { _ in handler }, opened: opened)
        settings.way = way
        settings.claim = { [self] in
            state.withLock { state in
                defer { state.isTaken = true }
                return !state.isTaken
            }
        }
        return settings
    }

    private func dialDirectly() {
        let promise = follow(.direct)
        let endpoint = PeerEndpoint(host: goal.record.address, port: Int(goal.record.port), pin: goal.record.peer)
        PeerNetwork.dial(endpoint, settings(promise, .direct), promise, goal.limit, on: loop)
    }

    /// Asks the tracker, on a connection of its own that becomes the circuit; the peer may also dial back in the meantime.
    private func askTracker() {
        let promise = follow(.introduced)
        guard let rendezvous = goal.rendezvous, let peer = goal.record.peer else {
            return promise.fail(TalkootError(.unreachable, "no tracker can introduce"))
        }
        var generator = SystemRandomNumberGenerator()
        let circuit = CircuitID.random(using: &generator)
        if let door = rendezvous.door {
            door.expect(circuit, ReverseDoor.Expectation(peer: peer, settings: settings(promise, .reverse)))
            promise.futureResult.whenComplete { _ in door.forget(circuit) }
        }
        let opening = CircuitOpening([
            .hello(goal.hello), .authenticate(Message.Authentication(token: rendezvous.token)),
            .dial(Message.Dial(peer: peer, circuit: circuit, port: rendezvous.door?.port ?? 0)),
        ])
        let relayed = settings(promise, .relayed)
        let first = ConnectionSettings.circuit(
            opening, hello: goal.hello, tls: goal.tls, pin: rendezvous.tracker.pin, opened: promise
        ) { relayed }
        PeerNetwork.dial(rendezvous.tracker, first, promise, goal.limit, on: loop)
    }
}

extension ConnectionSettings {
    /// A connection that is dialled for a circuit, and what it is when the circuit is there.
    static func circuit(
        _ opening: CircuitOpening, hello: Message.Hello, tls: PeerTLS, pin: PeerID?, opened: EventLoopPromise<PeerConnection>,
        next: @escaping @Sendable () -> ConnectionSettings
    ) -> ConnectionSettings {
        var settings = ConnectionSettings(
            role: .dialing(.lines), hello: hello, tls: tls, dialsTLS: true, pin: pin, makeHandler: { _ in opening }, opened: opened)
        settings.next = next
        return settings
    }
}
