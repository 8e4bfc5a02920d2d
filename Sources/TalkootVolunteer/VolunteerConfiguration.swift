public import TalkootCore
public import TalkootPeer
package import TalkootSandbox

/// Which jobs a volunteer takes.
public enum AcceptPolicy: String, Sendable, Codable, CaseIterable {
    /// Every job within the limits.
    case any
    /// Jobs whose module, or the publisher who signed it, is in the trust list.
    case trusted
    /// Jobs that the owner says yes to; modules and publishers in the trust list need no question.
    case ask
}

/// How a volunteer presents itself to one tracker.
public struct TrackerLogin: Sendable {
    /// What opens the session.
    public enum Credential: Sendable {
        /// An account's name and password.
        case password(name: String, password: String)
        /// An account's name and the token that a login gave.
        case token(name: String, token: String)
    }

    /// Where the tracker listens, with its peer id when it is pinned.
    public var endpoint: PeerEndpoint
    /// What opens the session.
    public var credential: Credential

    /// A login at a tracker.
    public init(endpoint: PeerEndpoint, credential: Credential) {
        self.endpoint = endpoint
        self.credential = credential
    }
}

/// What the owner of a machine allows, and where the volunteer listens.
public struct VolunteerConfiguration: Sendable {
    /// Cells that run at once, over all jobs; at least 1.
    public var slots: Int
    /// The most private memory of one cell, in bytes; a job that asks for more is refused.
    public var memoryBytes: UInt64
    /// The most threads of one cell; a job that asks for more is refused.
    public var threads: Int
    /// The longest a unit may run, in seconds; a job's own limit is lowered to it.
    public var unitSeconds: Double
    /// The least confinement level under which anything runs here.
    public var minimumLevel: ConfinementLevel
    /// Which jobs are taken.
    public var accept: AcceptPolicy
    /// Publisher ids (`tkp1…`) and module digests (64 hexadecimal digits) that are trusted.
    public var trusted: Set<String>
    /// The trackers to log in to; none means that the volunteer only listens.
    public var trackers: [TrackerLogin]
    /// The address to listen on.
    public var host: String
    /// The port to listen on; 0 lets the system choose.
    public var port: Int
    /// Program and version, as told to peers.
    public var agent: String
    /// The directory for capsules of failed units; nil keeps none.
    public var capsules: String?
    /// The file for receipts that requesters sign; nil keeps none.
    public var receipts: String?
    /// What a test's volunteer sends in place of what its cells finished, on the slot's thread; the product sets none.
    package var conduct: (@Sendable (FinishedRun) -> [FinishedRun])?
    /// What is allowed in swarms; nil takes part in none.
    public var swarm: SwarmAllowance?
    /// Told what was decided about this volunteer, and about which job: for a log that its owner can ask. From any thread; must not block.
    public var decided: (@Sendable (Decision.Code, JobID?, _ message: String, _ remedy: String) -> Void)?

    /// What the owner allows; the defaults are modest.
    public init(
        slots: Int = 1, memoryBytes: UInt64 = 1 << 30, threads: Int = 1, unitSeconds: Double = 3600,
        minimumLevel: ConfinementLevel = .landlocked, accept: AcceptPolicy = .any, trusted: Set<String> = [],
        trackers: [TrackerLogin] = [], host: String = "0.0.0.0", port: Int = 0, agent: String = "talkoot/0.1",
        capsules: String? = nil
    ) {
        self.slots = slots
        self.memoryBytes = memoryBytes
        self.threads = threads
        self.unitSeconds = unitSeconds
        self.minimumLevel = minimumLevel
        self.accept = accept
        self.trusted = trusted
        self.trackers = trackers
        self.host = host
        self.port = port
        self.agent = agent
        self.capsules = capsules
    }
}
