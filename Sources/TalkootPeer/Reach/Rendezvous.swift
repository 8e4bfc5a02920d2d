import NIOCore
import TalkootCore

/// The tracker where a peer can be found, and what this side needs to be introduced there.
public struct Rendezvous: Sendable {
    /// The tracker, pinned.
    public var tracker: PeerEndpoint
    /// The token of this side's login.
    public var token: String
    /// Where peers may dial back; `nil` when this side's port cannot be dialled from outside.
    public var door: ReverseDoor?

    /// Names a meeting place.
    public init(tracker: PeerEndpoint, token: String, door: ReverseDoor? = nil) {
        self.tracker = tracker
        self.token = token
        self.door = door
    }
}
