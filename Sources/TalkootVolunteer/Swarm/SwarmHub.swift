import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol

/// What all swarms of a volunteer share: the place for blobs, the thread that hashes, reads and writes them, the owner's bound on
/// uploads, and which job's swarm a greeting is for.
final class SwarmHub: Sendable {
    private struct State: Sendable {
        var jobs: [JobID: JobSwarm] = [:]
        /// The blobs that jobs here use, with their sizes: each has one user.
        var inUse: [Digest: UInt64] = [:]
        var port: UInt16 = 0
        var budget: UploadBudget
    }

    let network: PeerNetwork
    let directory: BlobDirectory
    let disk: Errands
    private let state: Mutex<State>

    /// A hub within what the owner allows.
    ///
    /// - Throws: ``TalkootError`` `try-later` when no thread can be started.
    init(_ allowance: SwarmAllowance, network: PeerNetwork, at now: Tick) throws(TalkootError) {
        self.network = network
        directory = BlobDirectory(path: allowance.directory, limitBytes: allowance.diskBytes)
        disk = try Errands()
        state = Mutex(State(budget: UploadBudget(bytesPerSecond: allowance.uploadBytesPerSecond, at: now)))
    }

    /// The port that others may dial.
    var port: UInt16 {
        get { state.withLock { $0.port } }
        set { state.withLock { $0.port = newValue } }
    }

    /// A job's swarm begins here; an older one of the same job ends.
    func add(_ swarm: JobSwarm, job: JobID) {
        let older = state.withLock { state in
            defer { state.jobs[job] = swarm }
            return state.jobs[job]
        }
        older?.end(isDone: false)
    }

    /// It is over.
    func remove(_ swarm: JobSwarm, job: JobID) {
        state.withLock { state in
            if state.jobs[job] === swarm { state.jobs[job] = nil }
        }
    }

    /// The swarm of a job that runs here.
    func swarm(of job: JobID) -> JobSwarm? { state.withLock { $0.jobs[job] } }

    /// Claims a blob, when nobody else here uses it and there is room. Reads a directory: not on an event loop.
    func claim(_ name: Digest, sizeBytes: UInt64) -> Bool {
        let inUse = state.withLock { state -> [Digest: UInt64]? in
            guard state.inUse[name] == nil else { return nil }
            state.inUse[name] = sizeBytes
            return state.inUse
        }
        guard let inUse else { return false }
        guard directory.makeRoom(for: name, sizeBytes: sizeBytes, besides: inUse) else {
            release(name, isDone: false)
            return false
        }
        return true
    }

    /// Gives a blob up; what is there is removed when its job is done.
    func release(_ name: Digest, isDone: Bool) {
        if isDone { PartialBlob.remove(name: name, directory: directory.path) }
        state.withLock { $0.inUse[name] = nil }
    }

    /// How long to wait before so many bytes may be sent, in seconds; 0 when they may go.
    func mayUpload(_ count: Int, at now: Tick) -> Double { state.withLock { $0.budget.take(count, at: now) } }
}

/// What the owner of a machine allows in swarms.
public struct SwarmAllowance: Sendable, Hashable {
    /// Where parts of packages and inputs are kept while their jobs run.
    public var directory: String
    /// How much they may take together, in bytes.
    public var diskBytes: UInt64
    /// How many bytes a second may be sent to other volunteers; above 0.
    public var uploadBytesPerSecond: UInt64

    /// An allowance; 4 GiB and 16 MiB/s unless said otherwise.
    public init(directory: String, diskBytes: UInt64 = 4 << 30, uploadBytesPerSecond: UInt64 = 16 << 20) {
        self.directory = directory
        self.diskBytes = diskBytes
        self.uploadBytesPerSecond = max(1, uploadBytesPerSecond)
    }
}
