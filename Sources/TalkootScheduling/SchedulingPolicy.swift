/// The figures that steer ``Scheduling``; the defaults fit jobs from a fraction of a second to months.
public struct SchedulingPolicy: Hashable, Sendable {
    /// How results are verified.
    public var verification = VerificationPolicy()

    /// No lease has more units than this, so that its input and results stay within bounds.
    public var maximumLeaseUnits = UInt64.max
    /// Leases last at least this long in seconds, less in jobs that take under ten minutes (see ``Scheduling/leaseSeconds``).
    public var minimumLeaseSeconds = 30.0
    /// Leases last at most this long in seconds.
    public var maximumLeaseSeconds = 1800.0
    /// A host's first lease lasts at most this long in seconds, since its speed is a guess.
    public var firstLeaseSeconds = 60.0
    /// Until its speed was measured three times a host gets at most this many times the units that it has finished.
    public var growth: UInt64 = 16

    /// A host's next lease is sent when its present one has this many seconds left, 10% of it, or two round trips.
    public var aheadSeconds = 0.25
    /// How often a working host reports when it has something to report, in seconds.
    public var reportSeconds = 0.1
    /// How often a host is heard of at least, in seconds; silent for three times as long, it counts as gone.
    public var heartbeatSeconds = 15.0
    /// How long the units of a silent or slow host are left to it while there is other work, in seconds.
    public var graceSeconds = 600.0
    /// A lease may take at least this long in seconds before it is judged by its progress.
    public var minimumDeadlineSeconds = 120.0

    /// A split of a lease must move at least this many seconds of work, less in a job of under 1000 s (a 200th of its
    /// length, at least 5 ms), and never less than five round trips.
    public var minimumSplitSeconds = 5.0

    /// A unit is given up once this many owners failed it.
    public var ownersToGiveUp = 3
    /// A unit is given up once every owner that is present failed it this often.
    public var failuresPerOwner = 2
    /// How many failed units may wait for another host; beyond that a host that fails is sent away for a while.
    public var maximumFailedUnits = 1000
    /// After that many failures in a row a host rests, provided that somebody else is there.
    public var failuresToRest = 3
    /// How long a host rests after it released a lease or failed too often, in seconds; doubled each time, up to 64 times.
    public var restSeconds = 5.0
    /// How many closed leases are remembered, so that results that come late are still taken.
    public var rememberedLeases = 4096

    /// The defaults.
    public init() {}
}
