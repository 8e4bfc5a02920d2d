/// The bounds of everything that a peer may send or make this side keep. All are checked before memory is taken.
public enum Limits {
    // MARK: What may be sent
    /// The longest line, its newline not included, in bytes.
    public static let lineBytes = 64 << 10
    /// The largest CONTROL payload, in bytes: the same as a line.
    public static let controlBytes = 64 << 10
    /// The result bytes that one COMMIT frame carries at most; a larger result is split with ``Commit/more``.
    public static let commitResultBytes = 1 << 20
    /// The largest COMMIT payload, in bytes: results, their ends and the fixed fields.
    public static let commitBytes = (1 << 20) + (64 << 10)
    /// What a COMMIT of a failed unit carries of its log at most, in bytes.
    public static let failureLogBytes = 16 << 10
    /// The most bytes that a unit's checkpoint has: more is not kept in a cell either.
    public static let checkpointBytes = 1 << 20
    /// The most bytes one CHUNK frame carries.
    public static let chunkBytes = 4 << 20
    /// The most bytes one BODY frame carries.
    public static let bodyFrameBytes = 1 << 20
    /// The most bytes one `fetch` may ask for.
    public static let fetchBytes: UInt64 = 1 << 20
    /// How many fetches one connection may have open.
    public static let openFetches = 16
    /// The largest module package and the largest body, in bytes.
    public static let packageBytes: UInt64 = 64 << 20
    /// The largest single result after joining, in bytes.
    public static let resultBytes = 64 << 20
    /// The largest body of a peer list or module list that a client reads, in bytes.
    public static let listBytes = 8 << 20
    /// The nesting of a JSON message.
    public static let jsonDepth = 32
    /// The keys of a JSON message, over all its objects.
    public static let jsonKeys = 1_000
    /// The longest text in an `error` or another message's `reason`, in bytes.
    public static let reasonBytes = 1 << 10

    // MARK: What may wait
    /// Bytes waiting to be sent beyond which ``PeerConnection/isWritable`` is false.
    public static let outboundBytes = 4 << 20
    /// Bytes waiting to be sent beyond which one more send closes the connection: its owner ignores ``outboundBytes``.
    public static let outboundCapBytes = 16 << 20
    /// Messages in a row that cannot be read before the connection is closed.
    public static let faultsInARow = 32

    // MARK: Swarm
    /// Volunteers that one `holders` names.
    public static let holders = 8
    /// Fetches for a swarm that one connection may have open beside ``openFetches``.
    public static let swarmFetches = 8
    /// The least size of a package or input that is shared in chunks, in bytes; a smaller one comes from the requester.
    public static let swarmBytes: UInt64 = 1 << 20

    // MARK: Circuits
    /// Circuits that one peer may have through a tracker at once, at either end.
    public static let circuitsPerPeer = 8
    /// Bytes a second that a relay passes on for one circuit, both directions together.
    public static let circuitBytesPerSecond = 4.0 * 1024 * 1024
    /// Bytes that it passes on at once.
    public static let circuitBurstBytes = 1024.0 * 1024
    /// How long an invited peer may take to answer, in seconds.
    public static let invitationSeconds = 10.0
    /// How long an invited peer tries to dial back before it joins the relay, in seconds.
    public static let reverseSeconds = 2.0

    // MARK: How fast, how long
    /// Control messages per second that a listener reads from one connection in the long run.
    public static let messagesPerSecond = 200.0
    /// Control messages that may come at once.
    public static let messageBurst = 400.0
    /// Time for the first byte, for a TLS handshake, for a hello, and for a line once begun, in seconds.
    public static let openingSeconds = 10.0
    /// Silence after which a PING goes out, in seconds (frames).
    public static let pingSeconds = 15.0
    /// Silence after which the peer counts as gone, in seconds (frames): three heartbeats.
    public static let silenceSeconds = 45.0
    /// Time after a peer's last word in which the replies that are still owed may go out, in seconds (lines).
    public static let quitSeconds = 35.0
    /// Connections that a listener serves at once from one address other than loopback.
    public static let connectionsPerAddress = 64
}
