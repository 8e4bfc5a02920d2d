public import TalkootCore

extension Message {
    /// `reach`: asks a tracker whether the sender's port can be dialled from outside.
    public struct ReachQuestion: Hashable, Sendable {
        /// The port the sender listens on; the address is the one that the tracker sees.
        public var port: UInt16

        /// Asks about a port.
        public init(port: UInt16) { self.port = port }
    }

    /// `rreach`: what the tracker found.
    public struct ReachReply: Hashable, Sendable {
        /// `yes` or `no`.
        public var content: String
        /// The sender's address as the tracker sees it.
        public var address: String
        /// Why not.
        public var reason: String?

        /// A finding.
        public init(_ content: String, address: String, reason: String? = nil) {
            self.content = content
            self.address = address
            self.reason = reason
        }
    }

    /// `dial`: asks a tracker for a way to a peer that is logged in there. After the `circuit` that says yes, the connection
    /// carries the bytes of the two peers alone.
    public struct Dial: Hashable, Sendable {
        /// Whom to reach.
        public var peer: PeerID
        /// The meeting's name, chosen by the sender.
        public var circuit: CircuitID
        /// A port of the sender that the tracker found reachable: the peer may dial it in place of the tracker; 0 for none.
        public var port: UInt16

        /// Asks for a way.
        public init(peer: PeerID, circuit: CircuitID, port: UInt16 = 0) {
            self.peer = peer
            self.circuit = circuit
            self.port = port
        }
    }

    /// `invite`: a tracker tells a logged-in peer that somebody wants to reach it.
    public struct Invitation: Hashable, Sendable {
        /// The meeting's name, for `join`.
        public var circuit: CircuitID
        /// Who wants it.
        public var peer: PeerID
        /// Where that peer can be dialled, as the tracker sees it; absent when only through the tracker.
        public var address: String?
        /// Its port there; 0 without an address.
        public var port: UInt16

        /// Invites.
        public init(circuit: CircuitID, peer: PeerID, address: String? = nil, port: UInt16 = 0) {
            self.circuit = circuit
            self.peer = peer
            self.address = address
            self.port = port
        }
    }

    /// `circuit`: answers `dial` and `join`; what follows a yes belongs to the two peers.
    public struct CircuitReply: Hashable, Sendable {
        /// `yes` or `no`.
        public var content: String
        /// The meeting.
        public var circuit: CircuitID
        /// Why not.
        public var reason: String?

        /// An answer.
        public init(_ content: String, circuit: CircuitID, reason: String? = nil) {
            self.content = content
            self.circuit = circuit
            self.reason = reason
        }
    }
}
