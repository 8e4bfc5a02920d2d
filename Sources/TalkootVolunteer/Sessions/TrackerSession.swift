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
        var reach: VolunteerSnapshot.Reach?
        var invitations = 0
        var notice: Message.RestartNotice?
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
    /// The tracker's address as this machine sees it.
    private let witness = Mutex("")

    /// A session that announces `port`.
    init(login: TrackerLogin, agent: Agent, network: PeerNetwork, port: UInt16) {
        self.login = login
        self.agent = agent
        self.network = network
        self.port = port
    }

    /// How it stands, for the owner.
    var snapshot: VolunteerSnapshot.Tracker {
        let (standing, reach) = state.withLock { ($0.standing, $0.reach) }
        return VolunteerSnapshot.Tracker(endpoint: login.endpoint.description, standing: standing, reach: reach)
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
        var reconnection = Reconnection()
        var generator = SystemRandomNumberGenerator()
        while !isOver {
            do throws(TalkootError) {
                try await serve { reconnection.established() }
            } catch {
                agent.logger.warning("the tracker is out of reach", metadata: ["tracker": "\(login.endpoint)", "why": "\(error)"])
                state.withLock { $0.standing = .away(error) }
            }
            let notice = state.withLock { state in
                defer { state.notice = nil }
                return state.notice
            }
            if let notice { reconnection.noticed(notice) }
            let seconds = reconnection.nextWait(at: agent.clock.now(), using: &generator)
            if !isOver { await pause(seconds: seconds, isInterruptible: false) }
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
                invited: { [weak self] in self?.follow($0) },
                restarting: { [weak self] notice in self?.state.withLock { $0.notice = notice } },
                closed: { [weak self] _ in self?.nudge() }))
        do throws(TalkootError) {
            try await open(client)
            established()
            agent.logger.info("listed at the tracker", metadata: ["tracker": "\(login.endpoint)"])
            state.withLock { $0.standing = .listed }
            await checkReach(client)
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

    // MARK: Being reached

    /// Finds out whether requesters can dial this machine, and tells its owner what to do when they cannot.
    private func checkReach(_ client: TrackerClient) async {
        witness.withLock { $0 = client.remote.address }
        guard client.introduces, let found = try? await client.checkReach(port: port) else { return }
        let reach = VolunteerSnapshot.Reach(
            isDirect: found.content == "yes", address: found.address, port: Int(port), reason: found.reason ?? "")
        state.withLock { $0.reach = reach }
        agent.logger.info("\(reach)", metadata: ["tracker": "\(login.endpoint)"])
    }

    /// Somebody wants to reach this volunteer, who cannot dial it.
    private func follow(_ invitation: Message.Invitation) {
        let isFree = state.withLock { state in
            guard state.invitations < Limits.circuitsPerPeer else { return false }
            state.invitations += 1
            return true
        }
        guard isFree else { return agent.logger.warning("too many invitations at once", metadata: ["peer": "\(invitation.peer)"]) }
        let (agent, tracker, witness) = (agent, login.endpoint, witness.withLock { $0 })
        Task {
            defer { state.withLock { $0.invitations -= 1 } }
            do throws(TalkootError) {
                let connection = try await network.follow(invitation, from: tracker, witness: witness) { remote in
                    PeerSession(agent: agent, remote: remote)
                }
                agent.logger.info("a requester reached this machine", metadata: ["peer": "\(connection.remote)"])
            } catch {
                agent.logger.info("an invitation led nowhere", metadata: ["peer": "\(invitation.peer.short)", "why": "\(error)"])
            }
        }
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
