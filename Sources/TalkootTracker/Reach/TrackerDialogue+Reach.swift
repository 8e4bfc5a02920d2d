import Logging
import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol

extension TrackerDialogue {
    /// Dials the port that the peer says it listens on, and says what came of it.
    func answer(_ question: Message.ReachQuestion) async {
        let remote = connection.remote
        guard tracker.directory.withLock({ $0.session(id) }) != nil else { return refuse("reach", TrackerDirectory.notLoggedIn) }
        guard let peer = remote.peer else {
            return refuse("reach", TalkootError(.usage, "only a peer with a key can be recognised", remedy: "connect with a certificate"))
        }
        let reason: String?
        if let fault = DialBack.fault(address: remote.address, port: question.port, witness: connection.localAddress) {
            reason = fault
        } else {
            let endpoint = PeerEndpoint(host: remote.address, port: Int(question.port), pin: peer)
            reason = await tracker.probe(endpoint)
        }
        tracker.directory.withLock { $0.setReach(reason == nil ? .direct : .relay, of: id) }
        connection.send(.reachReply(Message.ReachReply(reason == nil ? "yes" : "no", address: remote.address, reason: reason)))
    }

    /// Invites the peer that this one wants to reach. The answer comes when it has joined, or not in time.
    func answer(_ dial: Message.Dial) {
        func no(_ error: TalkootError) {
            connection.send(.circuit(Message.CircuitReply("no", circuit: dial.circuit, reason: error.description)))
        }
        guard tracker.directory.withLock({ $0.session(id) }) != nil else { return no(TrackerDirectory.notLoggedIn) }
        guard let caller = connection.remote.peer else {
            return no(TalkootError(.usage, "only a peer with a key can have a circuit", remedy: "connect with a certificate"))
        }
        guard let callee = tracker.session(of: dial.peer) else {
            return no(TalkootError(.notFound, "\(dial.peer.short) is not here, or cannot be introduced"))
        }
        var invitation = Message.Invitation(circuit: dial.circuit, peer: caller)
        let address = connection.remote.address
        if dial.port != 0, DialBack.fault(address: address, port: dial.port, witness: connection.localAddress) == nil {
            (invitation.address, invitation.port) = (address, dial.port)
        }
        let refusal: TalkootError? = tracker.relay.withLock { relay in
            guard relay.isRelay || invitation.address != nil else { return TalkootError(.refused, "this tracker is no relay") }
            return relay.invite(dial.circuit, from: caller, on: id, to: dial.peer, at: tracker.clock.now)
        }
        if let refusal {
            tracker.logger.info("circuit refused", metadata: ["peer": "\(connection.remote)", "reason": "\(refusal)"])
            return no(refusal)
        }
        callee.send(.invite(invitation))
    }

    /// The invited peer is here: the two connections are joined.
    func join(_ circuit: CircuitID) {
        switch tracker.relay.withLock({ $0.join(circuit, by: connection.remote.peer, on: id) }) {
        case .failure(let error):
            connection.send(.circuit(Message.CircuitReply("no", circuit: circuit, reason: error.description)))
        case .success(let caller): tracker.carry(circuit, caller, id, connection)
        }
    }
}
