import Logging
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol

/// The requester's part in the swarm of a job: the lists of digests, whom a chunk was sent to, and what was sent in all.
final class SwarmSeed: Sendable {
    private struct State: Sendable {
        var book = SeedBook()
        var lists: [Message.Fetch.Subject: ChunkList] = [:]
        /// The job as volunteers are told it; nil before the first was.
        var description: Message.JobDescription?
        var sentBytes: [Message.Fetch.Subject: UInt64] = [:]
    }

    private let job: CoordinatedJob
    private let package: PackageFile
    private let logger: Logger
    private let state = Mutex(State())

    init(job: CoordinatedJob, package: PackageFile, logger: Logger) {
        (self.job, self.package, self.logger) = (job, package, logger)
    }

    /// The job with the terms of its swarm. The first call reads and hashes package and input: not on an event loop.
    ///
    /// - Throws: ``TalkootError`` when one of them cannot be read or was changed.
    func description() throws(TalkootError) -> Message.JobDescription {
        if let known = state.withLock({ $0.description }) { return known }
        var description = job.description
        var lists: [Message.Fetch.Subject: ChunkList] = [:]
        if let layout = Self.layout(description.packageBytes) {
            let list = try ChunkList(layout) { range throws(TalkootError) in try package.read(range) }
            lists[.moduleList] = list
        }
        if let input = job.input, let layout = Self.layout(description.inputBytes) {
            let list = try ChunkList(layout) { range throws(TalkootError) in try input.read(range) }
            lists[.inputList] = list
        }
        if !lists.isEmpty {
            var generator = SystemRandomNumberGenerator()
            let ticket = Hashing.sha256((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
            description.swarm = Message.SwarmTerms(
                ticket: ticket, module: lists[.moduleList]?.name, input: lists[.inputList]?.name, isSpread: job.isSpread)
        }
        return state.withLock { state in
            if let known = state.description { return known }
            (state.description, state.lists) = (description, lists)
            return description
        }
    }

    private static func layout(_ bytes: UInt64) -> ChunkLayout? { bytes < Limits.swarmBytes ? nil : ChunkLayout(sizeBytes: bytes) }

    /// How many bytes of a subject can be fetched.
    func sizeBytes(of subject: Message.Fetch.Subject) -> UInt64 {
        switch subject {
        case .module: job.description.packageBytes
        case .input: job.description.inputBytes
        case .moduleList, .inputList: UInt64(state.withLock { $0.lists[subject]?.bytes.count } ?? 0)
        }
    }

    /// Whom to ask for what is to be fetched, when others have it; none when it is to be sent.
    func referral(for fetch: Message.Fetch, asker: PeerID?) -> [Message.Contact] {
        let subject: Message.Fetch.Subject = fetch.subject == .module ? .moduleList : .inputList
        return state.withLock { state in
            guard let asker, let layout = state.lists[subject]?.layout,
                let chunk = layout.chunk(at: fetch.offset..<fetch.offset + fetch.length)
            else { return [] }
            guard fetch.mayRefer else {
                state.book.gave(chunk, of: fetch.subject, to: asker)
                return []
            }
            return state.book.want(chunk, of: fetch.subject, for: asker)
        }
    }

    /// The bytes to send; counts them.
    ///
    /// - Throws: ``TalkootError`` when they cannot be read.
    func read(_ fetch: Message.Fetch) throws(TalkootError) -> [UInt8] {
        let range = fetch.offset..<fetch.offset + fetch.length
        let bytes: [UInt8]
        switch fetch.subject {
        case .module: bytes = try package.read(range)
        case .input: bytes = try job.input?.read(range) ?? []
        case .moduleList, .inputList:
            let list = state.withLock { $0.lists[fetch.subject]?.bytes } ?? []
            bytes = Array(list[Int(range.lowerBound)..<Int(range.upperBound)])
        }
        state.withLock { $0.sentBytes[fetch.subject, default: 0] += UInt64(bytes.count) }
        return bytes
    }

    /// What was sent to volunteers so far: bytes of the package with its list, and of the input with its list.
    var sent: (package: UInt64, input: UInt64) {
        let sent = state.withLock { $0.sentBytes }
        return (sent[.module, default: 0] + sent[.moduleList, default: 0], sent[.input, default: 0] + sent[.inputList, default: 0])
    }

    /// A volunteer takes part.
    ///
    /// - Returns: some of the others.
    func join(_ holding: Message.Holding, remote: RemotePeer) -> [Message.Contact] {
        guard let peer = remote.peer else { return [] }
        // The address of a relayed connection is the tracker's, and nobody is to be sent there for chunks.
        let isThere = holding.port > 0 && remote.way != .relayed
        let contact = isThere ? Message.Contact(peer: peer, address: remote.address, port: holding.port) : nil
        return state.withLock { state in
            var generator = SystemRandomNumberGenerator()
            state.book.join(peer, contact: contact)
            return state.book.others(than: peer, using: &generator)
        }
    }

    /// It is gone.
    func leave(_ peer: PeerID?) {
        if let peer { state.withLock { $0.book.leave(peer) } }
    }

    /// One volunteer complains of another.
    func complain(_ complaint: Message.Complaint, from remote: RemotePeer) {
        guard let asker = remote.peer, state.withLock({ $0.book.complain(asker, about: complaint.peer) }) else { return }
        logger.warning(
            "a volunteer sent another one wrong bytes",
            metadata: ["peer": "\(complaint.peer.short)", "complains": "\(remote)", "why": "\(complaint.reason.prefix(200))"])
    }
}
