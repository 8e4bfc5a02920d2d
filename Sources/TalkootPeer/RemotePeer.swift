public import TalkootCore

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

    /// Describes a remote peer.
    public init(address: String, port: Int, peer: PeerID? = nil, isEncrypted: Bool, isLoopback: Bool) {
        self.address = address
        self.port = port
        self.peer = peer
        self.isEncrypted = isEncrypted
        self.isLoopback = isLoopback
    }
}

extension RemotePeer: CustomStringConvertible {
    /// Address and port, and the short form of the key's name when there is one: for logs.
    public var description: String {
        let place = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        return peer.map { "\(place)#\($0.short)" } ?? place
    }
}
