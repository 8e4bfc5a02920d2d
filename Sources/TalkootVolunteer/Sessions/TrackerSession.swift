import Logging
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol

/// Keeps this volunteer listed at one tracker: logs in, tells status and modules, comes back after every interruption.
final class TrackerSession: Sendable {
    private struct State {
        var standing = VolunteerSnapshot.Standing.connecting
        /// What is waited on now.
        var pause: Task<Void, any Error>?
        /// Whether a nudge ends that wait.
        var isInterruptible = false
        var isNudged = false
        var isOver = false
    }

    private let login: TrackerLogin
    private let agent: Agent
    private let network: PeerNetwork
    private let port: UInt16
    private let state = Mutex(State())

    /// A session that announces `port`.
    init(login: TrackerLogin, agent: Agent, network: PeerNetwork, port: UInt16) {
        self.login = login
        self.agent = agent
        self.network = network
        self.port = port
    }

    /// How it stands, for the owner.
    var snapshot: VolunteerSnapshot.Tracker {
        VolunteerSnapshot.Tracker(endpoint: login.endpoint.description, standing: state.withLock { $0.standing })
    }

    /// Something changed: the tracker is told soon.
    func nudge() {
        state.withLock { state in
            state.isNudged = true
            if state.isInterruptible { state.pause?.cancel() }
        }
    }

    /// Ends the session; `run` returns after it told the tracker `offline`.
    func stop() {
        state.withLock { state in
            state.isOver = true
            state.pause?.cancel()
        }
    }

    /// Serves the session until `stop`.
    func run() async {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        while !isOver {
            do throws(TalkootError) {
                try await serve { backoff.reset() }
            } catch {
                agent.logger.warning("the tracker is out of reach", metadata: ["tracker": "\(login.endpoint)", "why": "\(error)"])
                state.withLock { $0.standing = .away(error) }
            }
            if !isOver { await pause(seconds: backoff.next(using: &generator), isInterruptible: false) }
        }
        state.withLock { $0.standing = .closed }
    }

    private var isOver: Bool { state.withLock { $0.isOver } }

    /// One connection, from the dial to its end.
    private func serve(established: () -> Void) async throws(TalkootError) {
        let agent = agent
        let client = try await TrackerClient.connect(
            to: login.endpoint, network: network,
            callbacks: TrackerClient.Callbacks(
                request: { _ in Message.WorkResponse(reply: "no", reason: "ask this volunteer on its own port") },
                closed: { [weak self] _ in self?.nudge() }))
        do throws(TalkootError) {
            try await open(client)
            established()
            agent.logger.info("listed at the tracker", metadata: ["tracker": "\(login.endpoint)"])
            state.withLock { $0.standing = .listed }
            while !isOver {
                await pause(seconds: VolunteerLimits.trackerSeconds, isInterruptible: true)
                if isOver { break }
                try await tell(client)
            }
            var offline = agent.status
            offline.status = "offline"
            try await client.setStatus(offline)
        } catch {
            await client.quit()
            throw error
        }
        await client.quit()
    }

    private func open(_ client: TrackerClient) async throws(TalkootError) {
        let status = agent.status.status ?? "active"
        switch login.credential {
        case .password(let name, let password): _ = try await client.login(name: name, password: password, port: port, status: status)
        case .token(_, let token): try await client.authenticate(token: token, port: port, status: status)
        }
        try await tell(client)
    }

    private func tell(_ client: TrackerClient) async throws(TalkootError) {
        try await client.setStatus(agent.status)
        try await client.announce(modules: await moduleNames())
    }

    /// The names of the modules here, read on the errands thread.
    private func moduleNames() async -> [String] {
        await withCheckedContinuation { continuation in
            let isQueued = agent.errands.add { [agent] in
                continuation.resume(returning: Set(agent.modules.map(\.manifest.name)).sorted())
            }
            if !isQueued { continuation.resume(returning: []) }
        }
    }

    /// Waits; a nudge ends an interruptible wait, `stop` ends every wait.
    private func pause(seconds: Double, isInterruptible: Bool) async {
        let task = Task { try await Task.sleep(for: .seconds(seconds)) }
        let isDue = state.withLock { state in
            (state.pause, state.isInterruptible) = (task, isInterruptible)
            return state.isOver || (isInterruptible && state.isNudged)
        }
        if isDue { task.cancel() }
        _ = await task.result
        state.withLock { state in
            state.pause = nil
            if isInterruptible { state.isNudged = false }
        }
    }
}
