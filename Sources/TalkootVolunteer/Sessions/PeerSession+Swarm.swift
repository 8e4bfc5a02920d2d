import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol

extension PeerSession {
    /// Takes part in the swarm of a job, when the requester offers one and the owner allows it.
    func joinSwarm(_ admission: Governor.Admission) {
        guard let hub = agent.hub, let terms = admission.job.swarm, let connection, connection.features.contains(Feature.swarm) else {
            return
        }
        let swarm = JobSwarm(
            JobSwarm.Context(
                job: admission.job, terms: terms, hub: hub, seed: connection, clock: agent.clock, logger: agent.logger,
                deliver: { [weak self] fetch, bytes in
                    self?.decide { $0.chunk(stream: fetch.stream, offset: fetch.offset, bytes: bytes, isLast: true, at: $1) }
                }))
        state.withLock { $0.swarm = swarm }
        swarm.start()
    }

    /// The requester says that the job is over: what was kept of it is removed.
    func endSwarm(of job: JobID) {
        let swarm = state.withLock { state in state.work.job == job ? state.swarm : nil }
        swarm?.end(isDone: true)
    }

    /// Another volunteer wants to share what both hold of a job.
    func welcome(_ greeting: Message.SwarmGreeting, _ connection: PeerConnection) {
        let isFree = state.withLock { $0.work.job == nil && $0.link == nil }
        guard isFree, connection.framing == .frames, let link = agent.hub?.swarm(of: greeting.job)?.accept(greeting, connection) else {
            return connection.close(
                after: Message.Fault(
                    regarding: "swarm", code: TalkootError.Code.refused.rawValue,
                    reason: "no such job is shared here, the ticket is wrong, or there are enough links", job: greeting.job))
        }
        state.withLock { $0.link = link }
    }
}
