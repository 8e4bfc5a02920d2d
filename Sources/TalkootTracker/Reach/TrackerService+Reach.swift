import Logging
import NIOCore
import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol

extension TrackerService {
    /// The connection on which a peer can be invited; `nil` when it is not here or knows nothing of invitations.
    func session(of peer: PeerID) -> PeerConnection? {
        let ids = directory.withLock { $0.sessions(of: peer) }
        let connections = open.withLock { open in ids.compactMap { open[$0] } }
        return connections.last { $0.features.contains(Feature.relay) }
    }

    /// Dials a peer; why it could not be reached, `nil` when it could.
    func probe(_ endpoint: PeerEndpoint) async -> String? {
        let isFree = probes.withLock { count in
            guard count < TrackerLimits.probes else { return false }
            count += 1
            return true
        }
        guard isFree else { return "busy: \(TrackerLimits.probes) checks at the moment" }
        defer { probes.withLock { $0 -= 1 } }
        do throws(TalkootError) {
            let connection = try await network.connect(
                to: endpoint, framing: .lines, handler: Probe(), timeout: .seconds(TrackerLimits.probeSeconds))
            connection.send(.quit)
            connection.close()
            return nil
        } catch {
            return error.message
        }
    }

    /// Joins two connections to a circuit.
    func carry(
        _ circuit: CircuitID, _ caller: TrackerDirectory.ConnectionID, _ callee: TrackerDirectory.ConnectionID, _ second: PeerConnection
    ) {
        let reply = Message.circuit(Message.CircuitReply("yes", circuit: circuit))
        guard let first = open.withLock({ $0[caller] }) else {
            relay.withLock { $0.ended(callee) }
            return second.send(.circuit(Message.CircuitReply("no", circuit: circuit, reason: "the peer has gone")))
        }
        directory.withLock { directory in
            directory.becomeCircuit(caller)
            directory.becomeCircuit(callee)
        }
        let (logger, names) = (logger, "\(first.remote) and \(second.remote)")
        let carried = Circuit.join(first, second, greeting: reply) { bytes in
            logger.info("circuit ended", metadata: ["circuit": "\(circuit)", "bytes": "\(bytes)"])
        }
        circuits.withLock { $0[callee] = carried }
        logger.info("circuit", metadata: ["circuit": "\(circuit)", "between": "\(names)"])
    }

    /// Tells those whose invitation nobody followed, measures the relay, and closes circuits through which nothing comes. Called
    /// every ``TrackerLimits/sweepSeconds``.
    func sweepCircuits() {
        for (connection, circuit) in relay.withLock({ $0.expire(at: clock.now) }) {
            let reason = "the peer did not answer within \(Int(Limits.invitationSeconds)) s"
            open.withLock { $0[connection] }?.send(.circuit(Message.CircuitReply("no", circuit: circuit, reason: reason)))
        }
        let now = Tick.loopTime
        let running = circuits.withLock { Array($0.values) }
        let bytes = running.reduce(UInt64(0)) { $0 + $1.traffic.bytes }
        for circuit in running where now.seconds(since: circuit.traffic.last) >= TrackerLimits.silenceSeconds { circuit.close() }
        let seen = circuitBytes.withLock { seen in
            defer { seen = bytes }
            return seen
        }
        relay.withLock { $0.measured(bytesPerSecond: Double(bytes > seen ? bytes - seen : 0) / TrackerLimits.sweepSeconds) }
    }
}

/// A connection that is only to be seen to come about.
private final class Probe: PeerHandler {
    func connected(_ connection: PeerConnection) {}
    func receive(_ event: PeerEvent, on connection: PeerConnection) {}
    func closed(_ connection: PeerConnection, error: TalkootError?) {}
}
