public import TalkootScheduling

/// A host that exists in a simulation only: what it computes is time.
public struct SimulatedHost: Sendable {
    /// Its name in the job.
    public var id: HostID
    /// Whose it is.
    public var owner: OwnerID
    /// Seconds that it takes for each unit.
    public var unitSeconds: Double
    /// Seconds for a message to it and an answer back.
    public var roundTripSeconds: Double
    /// When it joins, in seconds.
    public var joins = 0.0
    /// When it dies without a word, and when the coordinator sees the broken connection; nil for never.
    public var dies: Double?
    /// When it is suspended and wakes up again; nil for never.
    public var sleeps: Range<Double>?

    /// A host with a number, used for its owner as well.
    public init(_ number: UInt64, unitSeconds: Double, roundTripSeconds: Double = 0.0002) {
        id = HostID(rawValue: number)
        owner = OwnerID(rawValue: number)
        self.unitSeconds = unitSeconds
        self.roundTripSeconds = roundTripSeconds
    }

    /// The units that it can finish in a job that ends at `end`, the time before it joins or while it sleeps or is dead left out.
    public func capacity(until end: Double) -> Double {
        let last = min(end, dies ?? end)
        let asleep = sleeps.map { max(0, min($0.upperBound, last) - min($0.lowerBound, last)) } ?? 0
        return max(0, last - joins - asleep) / unitSeconds
    }
}
