/// How messages are laid out on a connection. The dialer chooses, by its first byte.
public enum Framing: String, Hashable, Sendable {
    /// One JSON object a line: for people, scripts and short conversations.
    case lines
    /// Binary frames with a 16-byte header: for work and bulk.
    case frames
}

/// The features that a `hello` can name; those that both sides name are in force.
public enum Feature {
    /// Leases, commits and acknowledgements.
    public static let work = "work"
    /// Fetches answered by CHUNK frames.
    public static let chunk = "chunk"
    /// Peer and module lists as full records rather than in the original form.
    public static let records = "records"

    /// Circuits: a tracker introduces peers to each other, and carries their bytes when there is no other way.
    public static let relay = "relay"

    /// Checkpoints of units travel with leases.
    public static let checkpoint = "checkpoint"

    /// Volunteers of a job fetch its package and input from each other.
    public static let swarm = "swarm"

    /// Orders of requesters to a long-lived coordinator.
    public static let orders = "orders"

    /// What this version can do.
    public static let all = [work, chunk, records, relay, checkpoint, swarm, orders]
}
