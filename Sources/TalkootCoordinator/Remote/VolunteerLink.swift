import Logging
import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol
import TalkootScheduling

/// A volunteer over the whole job: dials it, and again with growing waits when it is lost, until the job is over or it declines.
final class VolunteerLink: Sendable {
    private struct State {
        var status: VolunteerStatus
        var session: VolunteerSession?
        var task: Task<Void, Never>?
        var isOver = false
        /// Why it was sent away for good.
        var expulsion: String?
    }

    private let state: Mutex<State>
    private let decisions: JobDecisions

    init(name: String, address: String, decisions: JobDecisions) {
        self.decisions = decisions
        state = Mutex(State(status: VolunteerStatus(name: name, address: address, phase: .connecting, units: 0)))
    }

    /// What the volunteer is doing.
    var status: VolunteerStatus { state.withLock { $0.status } }

    /// Dials and serves until the end, in a task of its own.
    ///
    /// - Parameter dial: makes the connection for a session and returns when it is open.
    func start(
        _ makeSession: @escaping @Sendable (VolunteerLink, @escaping @Sendable (VolunteerStatus.Phase) -> Void) -> VolunteerSession,
        dial: @escaping @Sendable (VolunteerSession) async throws(TalkootError) -> Void
    ) {
        let task = Task {
            var backoff = Backoff()
            var generator = SystemRandomNumberGenerator()
            while !state.withLock({ $0.isOver }), !Task.isCancelled {
                set(.connecting)
                let phase = await serve(makeSession, dial: dial) { backoff.reset() }
                set(phase)
                guard status.isHopeful else { return }
                let seconds = min(backoff.next(using: &generator), CoordinatorLimits.redialSeconds)
                try? await Task.sleep(for: .seconds(seconds))
            }
        }
        state.withLock { $0.task = task }
    }

    /// The volunteer's connection, once: from dialling to its end.
    private func serve(
        _ makeSession: @Sendable (VolunteerLink, @escaping @Sendable (VolunteerStatus.Phase) -> Void) -> VolunteerSession,
        dial: @Sendable (VolunteerSession) async throws(TalkootError) -> Void, worked: () -> Void
    ) async -> VolunteerStatus.Phase {
        let (phases, sink) = AsyncStream.makeStream(of: VolunteerStatus.Phase.self, bufferingPolicy: .bufferingNewest(1))
        let session = makeSession(self) { phase in
            sink.yield(phase)
            sink.finish()
        }
        let isOver = state.withLock { state in
            state.session = session
            return state.isOver
        }
        defer { state.withLock { if $0.session === session { $0.session = nil } } }
        guard !isOver else { return .lost(reason: "the job is over") }
        do throws(TalkootError) {
            try await dial(session)
        } catch {
            return .lost(reason: error.message)
        }
        for await phase in phases {
            if status.units > 0 { worked() }
            return phase
        }
        return .lost(reason: "the job is over")
    }

    /// Takes note of what the volunteer is doing.
    func set(_ phase: VolunteerStatus.Phase) {
        let changed: VolunteerStatus? = state.withLock { state in
            let old = state.status.phase
            state.status.phase = state.expulsion.map { .expelled(reason: $0) } ?? phase
            return state.isOver && state.expulsion == nil || state.status.phase == old ? nil : state.status
        }
        changed.map(decisions.note)
    }

    /// Says goodbye for good: this volunteer is not dialled again.
    func expel(reason: String) {
        state.withLock { $0.expulsion = reason }
        end(reason: reason, code: .convicted)
        set(.expelled(reason: reason))
    }

    /// Counts units it finished.
    func count(_ units: UInt64) { state.withLock { $0.status.units += units } }

    /// Sends a receipt, when it is there.
    func send(_ receipt: Receipt) { state.withLock { $0.session }?.send(receipt) }

    /// Reads on, after the journal had no room.
    func resumeReading() { state.withLock { $0.session }?.resumeReading() }

    /// Says goodbye, hangs up, dials no more.
    func end(reason: String, code: Decision.Code? = nil) {
        let (session, task) = state.withLock { state in
            state.isOver = true
            return (state.session, state.task)
        }
        session?.end(reason: reason, code: code)
        task?.cancel()
    }
}
