public import TalkootCore

extension Message {
    /// What a job's volunteers need to share its package and input with each other.
    public struct SwarmTerms: Hashable, Sendable {
        /// What volunteers of the job show each other: 32 random bytes.
        public var ticket: Digest
        /// The name of the package's chunks: the SHA-256 of their list; absent when the package is small.
        public var module: Digest?
        /// The name of the input's chunks; absent when the input is small or too large.
        public var input: Digest?
        /// Whether each volunteer is to fetch the whole input, not only what its leases read.
        public var isSpread: Bool

        /// Terms.
        public init(ticket: Digest, module: Digest? = nil, input: Digest? = nil, isSpread: Bool = false) {
            self.ticket = ticket
            self.module = module
            self.input = input
            self.isSpread = isSpread
        }
    }

    /// A volunteer takes part in the swarm of a job, and asks who else does.
    public struct Holding: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// Where it can be dialled; 0 when it cannot.
        public var port: UInt16

        /// An announcement.
        public init(job: JobID, port: UInt16) {
            self.job = job
            self.port = port
        }
    }

    /// A peer that may hold chunks, and where it can be dialled.
    public struct Contact: Hashable, Sendable {
        /// Its key.
        public var peer: PeerID
        /// Its address, numerically.
        public var address: String
        /// Its port.
        public var port: UInt16

        /// A contact.
        public init(peer: PeerID, address: String, port: UInt16) {
            self.peer = peer
            self.address = address
            self.port = port
        }
    }

    /// Some of the volunteers that take part in the swarm of a job.
    public struct Holders: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// The fetch that they are to be asked instead; absent when it answers a `holding`.
        public var stream: UInt32?
        /// At most ``Limits/holders``.
        public var contacts: [Contact]

        /// Names them.
        public init(job: JobID, stream: UInt32? = nil, contacts: [Contact]) {
            self.job = job
            self.stream = stream
            self.contacts = contacts
        }
    }

    /// A volunteer tells the requester that another one sent wrong bytes.
    public struct Complaint: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// Who.
        public var peer: PeerID
        /// What was wrong, for a person.
        public var reason: String

        /// A complaint.
        public init(job: JobID, peer: PeerID, reason: String) {
            self.job = job
            self.peer = peer
            self.reason = reason
        }
    }

    /// The first message between two volunteers of a job, both ways.
    public struct SwarmGreeting: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// The job's ticket.
        public var ticket: Digest

        /// A greeting.
        public init(job: JobID, ticket: Digest) {
            self.job = job
            self.ticket = ticket
        }
    }

    /// Which chunks of a blob the sender holds.
    public struct Have: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// The package or the input.
        public var subject: Fetch.Subject
        /// A bit a chunk, the first in the lowest bit of the first byte.
        public var bits: [UInt8]

        /// What is held.
        public init(job: JobID, subject: Fetch.Subject, bits: [UInt8]) {
            self.job = job
            self.subject = subject
            self.bits = bits
        }
    }
}
