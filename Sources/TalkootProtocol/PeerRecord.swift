public import TalkootCore

/// A peer as a tracker lists it: an element of the `peerlist` body.
///
/// The original form has `uname`, `address`, `port` and `status`; the other fields come to those who said `hello` with the
/// feature ``Feature/records``.
public struct PeerRecord: Hashable, Sendable, Codable {
    /// The account's name, `uname`.
    public var name: String
    /// The address that the tracker sees.
    public var address: String
    /// The port the peer listens on; 0 when it does not listen.
    public var port: UInt16
    /// `active`, `offline` or `busy`.
    public var status: String
    /// The key's name; absent for a peer without a certificate.
    public var peer: PeerID?
    /// How many cells it runs at once; 0 when it does not say.
    public var slots: Int
    /// Its confinement level, when it says.
    public var level: ConfinementLevel?
    /// Its platform; empty when it does not say.
    public var platform: String
    /// The modules it holds.
    public var modules: [String]
    /// Whether its port can be dialled from outside, when the tracker has tried.
    public var reach: Reachability?

    /// A peer.
    public init(
        name: String, address: String, port: UInt16, status: String, peer: PeerID? = nil, slots: Int = 0,
        level: ConfinementLevel? = nil, platform: String = "", modules: [String] = [], reach: Reachability? = nil
    ) {
        self.name = name
        self.address = address
        self.port = port
        self.status = status
        self.peer = peer
        self.slots = slots
        self.level = level
        self.platform = platform
        self.modules = modules
        self.reach = reach
    }

    private enum CodingKeys: String, CodingKey {
        case name = "uname"
        case address, port, status, peer, slots, level, platform, modules, reach
    }
}
