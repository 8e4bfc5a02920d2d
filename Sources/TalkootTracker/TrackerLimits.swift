/// The bounds of what a tracker keeps and lets others do.
public enum TrackerLimits {
    /// Password derivations at once: each takes 128 MiB and half a second of a core.
    public static let derivationsAtOnce = 2
    /// Password derivations that wait; one more is answered "busy". So the last one waits about 9 s.
    public static let derivationsQueued = 32
    /// Failed logins of one account within a minute before the next is refused unheard.
    public static let failuresPerAccount = 5
    /// Failed logins, and signups, from one /24 (or /56 for IPv6) within a minute before the next is refused unheard.
    public static let failuresPerNetwork = 20
    /// The minute meant above, in seconds.
    public static let failureWindowSeconds = 60.0
    /// Accounts and networks whose failures are remembered.
    public static let failureKeys = 100_000
    /// How long a login token holds, in seconds: 30 days.
    public static let tokenSeconds: Int64 = 30 * 86_400
    /// The shortest password, in bytes. The original messages name no bound, so a short one is the owner's choice.
    public static let passwordBytesMinimum = 1
    /// The longest password, in bytes.
    public static let passwordBytes = 1024
    /// A connection that said nothing for so long is closed, in seconds.
    public static let silenceSeconds = 150.0
    /// The same for a session of a client that never said `hello`: it knows no sign of life.
    public static let plainSilenceSeconds = 1800.0
    /// How long a peer is listed as offline after its connection ended, in seconds.
    public static let ghostSeconds = 30.0
    /// Open connections, all addresses together.
    public static let connections = 20_000
    /// Sessions of one account at once.
    public static let sessionsPerAccount = 64
    /// Modules that a peer may say it holds; more are not kept.
    public static let modulesPerPeer = 256
    /// The longest name of a module or platform that is kept, in bytes.
    public static let nameBytes = 64
    /// The longest reason of a yank, in characters.
    public static let yankReasonCharacters = 200
    /// Peers in one list; of more, a random choice.
    public static let peersPerList = 5_000
    /// Uploads at once.
    public static let uploads = 16
    /// Events of one connection that wait before no more is read from it.
    public static let eventsWaiting = 8
    /// The part of a package that is read and sent at once, in bytes.
    public static let partBytes = 256 << 10
    /// Dials at once that try whether peers can be reached.
    public static let probes = 32
    /// How long such a dial may take, in seconds.
    public static let probeSeconds: Int64 = 5
    /// Peers that come back in a second after a restart: each costs half a millisecond of a core.
    public static let returnsPerSecond = 200
    /// Within how long all have come back, in seconds.
    public static let returnSeconds = 300
    /// How often the tracker looks for the silent and the gone, in seconds.
    public static let sweepSeconds = 5.0
}
