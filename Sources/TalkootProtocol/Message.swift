public import TalkootCore

/// One control message: a JSON object with a `type`, the same in lines and in CONTROL frames.
///
/// The first group is the original schema of 2016, whose bytes never change. A reply may carry more fields than the
/// original ones, never fewer.
public enum Message: Hashable, Sendable {
    // MARK: The original messages
    /// `signup`: make an account.
    case signup(Credentials)
    /// `rsignup`: `yes`, `no` or `exists`.
    case signupReply(Reply)
    /// `login`: open a session; carries the port the peer listens on and its status.
    case login(Credentials)
    /// `rlogin`: `yes` or `no`, with a token when the peer said `hello` or asked for one.
    case loginReply(Reply)
    /// `get`: ask for a list or a module.
    case get(Get)
    /// `rget`: whether it comes; a body of `size` bytes follows when `size` is there.
    case getReply(GetReply)
    /// `modlist`: the modules this peer holds.
    case moduleList([String])
    /// `status`: sets one's own status, or asks for somebody's.
    case status(Status)
    /// `request`: asks a volunteer to take part in a job.
    case request(WorkRequest)
    /// `response`: the volunteer's answer.
    case response(WorkResponse)
    /// `quit`: the sender closes.
    case quit

    // MARK: Both ways
    /// `hello`: what the sender can do.
    case hello(Hello)
    /// `error`: a typed refusal; the connection stays.
    case error(Fault)

    // MARK: Tracker
    /// `auth`: opens a session with a token in place of a password.
    case authenticate(Authentication)
    /// `publish`: a module package follows as a body of `size` bytes.
    case publish(Publication)
    /// `rpublish`: whether the package was taken.
    case publishReply(Reply)
    /// `yank`: withdraws a version of a module, or takes that back.
    case yank(Yank)
    /// `ryank`: whether it was done.
    case yankReply(Reply)

    /// `restart`: the tracker goes away for a while.
    case restart(RestartNotice)

    // MARK: Ways between peers
    /// `reach`: can the sender's port be dialled from outside?
    case reach(ReachQuestion)
    /// `rreach`: what the tracker found.
    case reachReply(ReachReply)
    /// `dial`: asks a tracker for a way to a peer.
    case dial(Dial)
    /// `invite`: somebody wants to reach the peer that gets this.
    case invite(Invitation)
    /// `join`: the answer to an invitation, over a new connection.
    case join(CircuitID)
    /// `circuit`: whether there is a way; after a yes the connection is the two peers' own.
    case circuit(CircuitReply)

    // MARK: Swarm
    /// `holding`: the volunteer shares what it holds of the job, and asks who else does.
    case holding(Holding)
    /// `holders`: who else does.
    case holders(Holders)
    /// `complaint`: another volunteer sent wrong bytes.
    case complaint(Complaint)
    /// `swarm`: two volunteers of a job greet each other.
    case swarm(SwarmGreeting)
    /// `have`: which chunks the sender holds.
    case have(Have)

    // MARK: Work
    /// `ready`: the volunteer holds the module of this job and has slots for it.
    case ready(Ready)
    /// `grant`: a run of units for one slot.
    case grant(Grant)
    /// `progress`: the heartbeat of a lease.
    case progress(Progress)
    /// `ack`: a commit is durable.
    case acknowledge(Acknowledgement)
    /// `release`: the volunteer gives back the rest of a lease.
    case release(Release)
    /// `revoke`: the coordinator takes back the rest of a lease.
    case revoke(Revocation)
    /// `cancel`: the job is over for this volunteer.
    case cancel(Cancellation)
    /// `fetch`: asks for a part of a module package or of a job's input; CHUNK frames answer.
    case fetch(Fetch)
    /// `receipt`: a coordinator signs for units that stand. Files of receipts have the same lines.
    case receipt(Receipt)
    /// `order`: a requester tells a long-lived coordinator something.
    case order(Order)
}

extension Message {
    /// Name, password and what the original messages send along.
    public struct Credentials: Hashable, Sendable {
        /// The account's name, `uname`.
        public var name: String
        /// The password, `pwd`.
        public var password: String
        /// The port the peer listens on; 0 when it does not listen.
        public var port: UInt16
        /// `active`, `offline` or `busy`; empty in a `signup`.
        public var status: String

        /// Credentials of a signup or login.
        public init(name: String, password: String, port: UInt16 = 0, status: String = "") {
            self.name = name
            self.password = password
            self.port = port
            self.status = status
        }
    }

    /// `content` and, when there is something to add, `reason`, `token` and `expires`.
    public struct Reply: Hashable, Sendable {
        /// `yes`, `no` or `exists`.
        public var content: String
        /// Why not.
        public var reason: String?
        /// A login token, to be used with `auth`.
        public var token: String?

        /// A reply.
        public init(_ content: String, reason: String? = nil, token: String? = nil) {
            self.content = content
            self.reason = reason
            self.token = token
        }
    }

    /// What is asked for.
    public struct Get: Hashable, Sendable {
        /// `peerlist`, `modlist` or `module`.
        public var content: String
        /// The module's name (or `NAME@VERSION`, or a digest), with `module`; a ``ModulePattern`` with `modlist`.
        public var moduleName: String?
        /// With `modlist`: only the modules of this account, or signed by the key whose id begins so.
        public var publisher: String?

        /// Asks for something.
        public init(_ content: String, moduleName: String? = nil, publisher: String? = nil) {
            self.content = content
            self.moduleName = moduleName
            self.publisher = publisher
        }
    }

    /// Whether it comes.
    public struct GetReply: Hashable, Sendable {
        /// `yes` or `no`.
        public var response: String
        /// How many bytes of body follow the line; absent when none do.
        public var size: UInt64?
        /// Why not.
        public var reason: String?

        /// A reply.
        public init(_ response: String, size: UInt64? = nil, reason: String? = nil) {
            self.response = response
            self.size = size
            self.reason = reason
        }
    }

    /// Somebody's status.
    public struct Status: Hashable, Sendable {
        /// Whose; empty for one's own.
        public var name: String
        /// `active`, `offline` or `busy`; absent in a question.
        public var status: String?
        /// How many cells the peer runs at once, when it says.
        public var slots: Int?
        /// Its confinement level, when it says.
        public var level: ConfinementLevel?
        /// Its platform, when it says.
        public var platform: String?

        /// A statement, a question or an answer.
        public init(name: String, status: String? = nil, slots: Int? = nil, level: ConfinementLevel? = nil, platform: String? = nil) {
            self.name = name
            self.status = status
            self.slots = slots
            self.level = level
            self.platform = platform
        }
    }

    /// What the sender can do; features that both name are in force.
    public struct Hello: Hashable, Sendable {
        /// The version of the protocol's major, 1.
        public var version: Int
        /// Features by name: `work`, `chunk`.
        public var features: [String]
        /// Program and version, `talkoot/0.1`.
        public var agent: String
        /// `x86_64-linux-gnu` for instance.
        public var platform: String

        /// A greeting.
        public init(version: Int = 1, features: [String], agent: String, platform: String) {
            self.version = version
            self.features = features
            self.agent = agent
            self.platform = platform
        }
    }

    /// A typed refusal.
    public struct Fault: Hashable, Sendable {
        /// The type of the message that is refused, or empty.
        public var regarding: String
        /// The code, as in ``TalkootError/Code``.
        public var code: String
        /// What and why, and what to do.
        public var reason: String
        /// The job it concerns, when there is one.
        public var job: JobID?
        /// The stream of the `fetch` it answers, when it answers one.
        public var stream: UInt32?

        /// A refusal.
        public init(regarding: String, code: String, reason: String, job: JobID? = nil, stream: UInt32? = nil) {
            self.regarding = regarding
            self.code = code
            self.reason = reason
            self.job = job
            self.stream = stream
        }
    }

    /// A token in place of a password.
    public struct Authentication: Hashable, Sendable {
        /// The token a login gave.
        public var token: String
        /// The port the peer listens on; 0 when it does not listen.
        public var port: UInt16
        /// `active`, `offline` or `busy`.
        public var status: String

        /// Opens a session.
        public init(token: String, port: UInt16 = 0, status: String = "offline") {
            self.token = token
            self.port = port
            self.status = status
        }
    }

    /// A tracker goes away, and says when it is worth coming back.
    public struct RestartNotice: Hashable, Sendable {
        /// When to dial again, in seconds: another number for each peer, so that they do not come at once.
        public var reconnectSeconds: Int
        /// For how long to dial often, in seconds, before the usual growing pauses.
        public var trySeconds: Int

        /// A notice.
        public init(reconnectSeconds: Int, trySeconds: Int) {
            self.reconnectSeconds = reconnectSeconds
            self.trySeconds = trySeconds
        }
    }

    /// A version that its publisher does not want to be used any more.
    public struct Yank: Hashable, Sendable {
        /// `NAME@VERSION`.
        public var moduleName: String
        /// Why; absent to take a yank back.
        public var reason: String?

        /// Withdraws a version, or takes that back.
        public init(moduleName: String, reason: String?) {
            self.moduleName = moduleName
            self.reason = reason
        }
    }

    /// A package that follows.
    public struct Publication: Hashable, Sendable {
        /// The module's name.
        public var moduleName: String
        /// The package's size, in bytes.
        public var size: UInt64

        /// Announces a package.
        public init(moduleName: String, size: UInt64) {
            self.moduleName = moduleName
            self.size = size
        }
    }
}
