public import TalkootCore
public import TalkootProtocol

/// Who is at the other end of a connection, as far as the connection itself shows.
public struct RemotePeer: Hashable, Sendable {
    /// The address, numerically; empty when unknown.
    public var address: String
    /// The port.
    public var port: Int
    /// The key's name, proven by TLS; absent without a certificate.
    public var peer: PeerID?
    /// Whether the connection is encrypted.
    public var isEncrypted: Bool
    /// Whether the address is one of this machine's loopback addresses.
    public var isLoopback: Bool

    /// How the connection came about. When it is relayed, address and port are those of the tracker.
    public var way: Way

    /// Describes a remote peer.
    public init(address: String, port: Int, peer: PeerID? = nil, isEncrypted: Bool, isLoopback: Bool, way: Way = .direct) {
        self.address = address
        self.port = port
        self.peer = peer
        self.isEncrypted = isEncrypted
        self.isLoopback = isLoopback
        self.way = way
    }
}

extension RemotePeer: CustomStringConvertible {
    /// Address and port, the short form of the key's name when there is one, and the way when it is not direct: for logs.
    public var description: String {
        let place = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        let named = peer.map { "\(place)#\($0.short)" } ?? place
        return way == .direct ? named : "\(named) (\(way.rawValue))"
    }
}
