/// What else is known of a host: who may check it, and whom it may check.
public struct HostTraits: Hashable, Sendable {
    /// The network it is in, when that tells anything: hosts of one network do not check each other. Nil for a private one.
    public var network: UInt64?
    /// The kind of machine, for modules whose results are equal on equal machines only.
    public var kind: UInt64
    /// Whether it is the requester's own: its results need no check, and what it finds is right.
    public var isOwn: Bool

    /// A stranger's host of which nothing is known, unless told otherwise.
    public init(network: UInt64? = nil, kind: UInt64 = 0, isOwn: Bool = false) {
        self.network = network
        self.kind = kind
        self.isOwn = isOwn
    }
}
