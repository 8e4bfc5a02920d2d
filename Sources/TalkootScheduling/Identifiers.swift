/// One slot of one volunteer, or one local slot: what runs one lease at a time.
public struct HostID: Hashable, Sendable {
    /// The number, chosen by the caller and unique within a job.
    public let rawValue: UInt64

    /// Names a host.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// Whoever answers for a host: the slots of one volunteer have one owner.
///
/// A unit that failed for one owner is tried by another, since the same machine would most likely fail again.
public struct OwnerID: Hashable, Sendable {
    /// The number, chosen by the caller.
    public let rawValue: UInt64

    /// Names an owner.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// The number of a lease, never used twice within a job.
public struct LeaseID: Hashable, Sendable {
    /// A counter above 24 bits that say where the lease is kept; below 2^53 for the first 500 million leases.
    public let rawValue: UInt64

    /// Names a lease, as read from a message.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// A run of units lent to one host, which runs them in order and commits finished prefixes.
public struct Lease: Hashable, Sendable {
    /// Its number.
    public let id: LeaseID
    /// Who runs it.
    public let host: HostID
    /// The units, never empty.
    public let units: Range<UInt64>
    /// Whether it runs again what somebody else did, which the host is not told.
    public let isCheck: Bool
}
