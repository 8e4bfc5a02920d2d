public import TalkootCore
public import TalkootProtocol

/// What a role does with a connection.
///
/// All calls come on the connection's event loop, in order: `connected` once, any number of `receive`, `closed` once. None may
/// block: work that takes longer than a message's worth goes elsewhere, and its answer comes back through
/// ``PeerConnection/send(_:)-(Message)``, which any thread may call.
public protocol PeerHandler: AnyObject, Sendable {
    /// The connection is open, authorised and its framing known; with frames both sides have said hello.
    func connected(_ connection: PeerConnection)
    /// Something came.
    func receive(_ event: PeerEvent, on connection: PeerConnection)
    /// The connection is over; `error` says why when it was not asked for by either side.
    func closed(_ connection: PeerConnection, error: TalkootError?)
}
