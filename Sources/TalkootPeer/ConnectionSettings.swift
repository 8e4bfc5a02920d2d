import NIOCore
import TalkootCore
import TalkootProtocol

/// What a connection is given when it begins.
struct ConnectionSettings: Sendable {
    var role: ConnectionMachine.Role
    var hello: Message.Hello
    var tls: PeerTLS
    /// Whether a dialled connection begins with TLS.
    var dialsTLS = false
    /// How the connection came about.
    var way = Way.direct
    /// What a connection that was dialled for a circuit is when the circuit is there.
    var next: (@Sendable () -> ConnectionSettings)?
    /// Asked when a dialled connection is open; `false` when another one was quicker.
    var claim: @Sendable () -> Bool = { true }
    /// The key a dialled peer must prove.
    var pin: PeerID?
    /// Said to an accepted peer as soon as its framing is known, before the connection is closed.
    var refusal: Message.Fault?
    /// Asked about an accepted peer after its handshake.
    var admit: @Sendable (RemotePeer) -> TalkootError? = { _ in nil }
    var makeHandler: @Sendable (RemotePeer) -> any PeerHandler
    /// Told when a dialled connection is open or has failed.
    var opened: EventLoopPromise<PeerConnection>?

    /// The mind of a connection that begins now.
    func machine(at now: Tick) -> ConnectionMachine {
        ConnectionMachine(
            role: role, hello: hello, rate: messageRate(at: now), isInsideTLS: way == .reverse, wantsCircuit: next != nil, at: now)
    }

    /// Messages are counted at the listening side only.
    func messageRate(at now: Tick) -> MessageRate? {
        if case .accepting = role { return MessageRate(at: now) }
        return nil
    }

    /// The checks after a handshake that are not about the certificate.
    ///
    /// - Throws: ``TalkootError`` with code `refused` or `unreachable`.
    func check(_ remote: RemotePeer, agreesOnProtocol: Bool) throws(TalkootError) {
        if case .accepting = role {
            if let refusal = admit(remote) { throw refusal }
            return
        }
        guard agreesOnProtocol, remote.peer != nil else {
            throw TalkootError(.unreachable, "what answers speaks TLS but is not a talkoot peer", remedy: "check host and port")
        }
    }
}
