/// How a connection between two peers came about.
public enum Way: String, Hashable, Sendable, Codable {
    /// The dialer dialled the other one's port.
    case direct
    /// The other one dialled back, since a tracker asked it to.
    case reverse
    /// A tracker carries the bytes; the two ends' own TLS is inside, so it can neither read nor change them.
    case relayed
}

/// Whether a peer's port can be dialled from outside, as a tracker found when it tried.
public enum Reachability: String, Hashable, Sendable, Codable {
    /// A dial to the observed address and announced port found the peer.
    case direct
    /// It did not: behind a router or firewall.
    case relay
}
