import NIOCore
public import TalkootCore
public import TalkootProtocol

extension PeerNetwork {
    /// Reaches a peer of a tracker's list by whatever way there is, with frames: dials it, lets it dial back, or talks to it
    /// through the tracker; ``RemotePeer/way`` of the connection says which it was.
    ///
    /// The handler's `connected` has been called when this returns. `timeout` is for each way.
    /// - Throws: ``TalkootError`` with code `unreachable` when there is no way, `refused` when the peer or the tracker refuses.
    public func reach(
        _ record: PeerRecord, through rendezvous: Rendezvous?, handler: any PeerHandler, timeout: Duration = .seconds(10)
    ) async throws(TalkootError) -> PeerConnection {
        let loop = nextLoop()
        let result = loop.makePromise(of: PeerConnection.self)
        let goal = ReachAttempt.Goal(
            record: record, rendezvous: rendezvous, hello: hello, tls: try peerTLS(), handler: handler,
            limit: .nanoseconds(Int64(timeout / .nanoseconds(1))))
        loop.execute { ReachAttempt(goal, result: result, on: loop).start() }
        return try await Self.value(of: result, PeerEndpoint(host: record.address, port: Int(record.port)))
    }

    /// Follows an invitation: dials the peer that wants to reach this one when that is possible, else joins the tracker's relay.
    ///
    /// - Parameters:
    ///   - tracker: the tracker that sent it, pinned.
    ///   - witness: the tracker's address as this side sees it, for ``DialBack``.
    ///   - makeHandler: as of ``listen(host:port:allowClear:admit:makeHandler:)``.
    /// - Throws: ``TalkootError`` with code `unreachable` when neither leads to the peer.
    public func follow(
        _ invitation: Message.Invitation, from tracker: PeerEndpoint, witness: String,
        makeHandler: @escaping @Sendable (RemotePeer) -> any PeerHandler
    ) async throws(TalkootError) -> PeerConnection {
        if let address = invitation.address, DialBack.fault(address: address, port: invitation.port, witness: witness) == nil {
            let caller = PeerEndpoint(host: address, port: Int(invitation.port), pin: invitation.peer)
            let limit = TimeAmount.milliseconds(Int64(Limits.reverseSeconds * 1000))
            if let connection = try? await join(invitation.circuit, at: caller, way: .reverse, limit, makeHandler) { return connection }
        }
        let limit = TimeAmount.milliseconds(Int64((Limits.invitationSeconds + Limits.openingSeconds) * 1000))
        return try await join(invitation.circuit, at: tracker, way: .relayed, limit, makeHandler)
    }

    private func join(
        _ circuit: CircuitID, at endpoint: PeerEndpoint, way: Way, _ limit: TimeAmount,
        _ makeHandler: @escaping @Sendable (RemotePeer) -> any PeerHandler
    ) async throws(TalkootError) -> PeerConnection {
        let (loop, tls, hello) = (nextLoop(), try peerTLS(), hello)
        let opened = loop.makePromise(of: PeerConnection.self)
        let settings = ConnectionSettings.circuit(
            CircuitOpening([.hello(hello), .join(circuit)]), hello: hello, tls: tls, pin: endpoint.pin, opened: opened
        ) {
            var settings = ConnectionSettings(
                role: .accepting(allowsClear: false), hello: hello, tls: tls, makeHandler: makeHandler, opened: opened)
            settings.way = way
            return settings
        }
        loop.execute { Self.dial(endpoint, settings, opened, limit, on: loop) }
        let clock = loop.scheduleTask(in: limit) { opened.fail(NetworkFailure.timeout(endpoint)) }
        opened.futureResult.whenComplete { _ in clock.cancel() }
        return try await Self.value(of: opened, endpoint)
    }

    private static func value(
        of promise: EventLoopPromise<PeerConnection>, _ endpoint: PeerEndpoint
    ) async throws(TalkootError) -> PeerConnection {
        do {
            return try await promise.futureResult.get()
        } catch {
            throw NetworkFailure.dialing(endpoint, error)
        }
    }
}
