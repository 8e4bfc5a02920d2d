import Dispatch
import Foundation
import Synchronization
public import TalkootCore

/// Makes commits durable in groups: one writer thread, one flush to the disk for all that waited.
///
/// A commit that comes while the writer is idle is written at once; those that come during a flush form the next group. So the
/// group grows with the load and nobody waits for a timer. The queue is bounded: when ``submit(_:completion:)`` says `false`, stop
/// asking for more (stop reading from the peer) until `roomAgain` is called, or call ``waitForRoom()``. The first error stops the committer:
/// every waiting completion gets it, and every later one.
public final class GroupCommitter: Sendable {
    /// Sizes of the queue and of a group.
    public struct Limits: Hashable, Sendable {
        /// The most commits in a group.
        public var groupCommits = 256
        /// A group ends with the commit that brings it above this, in bytes of results.
        public var groupBytes = 16 << 20
        /// Commits in the queue from which on there is no room.
        public var queueCommits = 4096
        /// Bytes of results in the queue from which on there is no room.
        public var queueBytes = 64 << 20
        /// Submitting is refused (`.tryLater`) above this many times the two limits: somebody does not heed the answer.
        public var refusalFactor = 4

        /// The limits in use unless told otherwise.
        public init() {}
    }

    /// What a submitted commit came to: durable, or not written.
    public typealias Completion = @Sendable (Result<Void, TalkootError>) -> Void

    private final class OutcomeBox: Sendable {
        let outcome = Mutex<Result<Void, TalkootError>>(.success(()))
    }

    private let core: CommitCore
    private let jobUnits: @Sendable () -> UInt64

    /// Starts the writer thread. `roomAgain` is called on it when the queue, once without room, is half empty.
    public init(journal: JobJournal, limits: Limits = Limits(), roomAgain: (@Sendable () -> Void)? = nil) {
        let core = CommitCore(limits: limits, roomAgain: roomAgain) { changes throws(TalkootError) in try journal.apply(changes) }
        self.core = core
        jobUnits = { journal.units.withLock { $0 } }
        let thread = Thread { core.write() }
        thread.name = "talkoot-journal"
        thread.start()
    }

    deinit { core.end() }

    /// Queues a commit and returns at once; never blocks on the disk. Commits are written in the order they are submitted.
    ///
    /// - Parameter completion: called once, on the writer thread, without a lock held, when the commit is durable or has
    ///   failed; it must not block. It is called before this method returns when the commit is refused: `.badData` when it is not
    ///   sound, `.tryLater` when the queue is far above its limits, or the error that stopped the committer.
    /// - Returns: whether there is room for more.
    @discardableResult
    public func submit(_ commit: JournalCommit, completion: @escaping Completion) -> Bool {
        if let fault = commit.fault(jobUnits: jobUnits()) {
            completion(
                .failure(TalkootError(.badData, "the commit of units \(commit.units) by \(commit.volunteer) is not sound: \(fault)")))
            return core.hasRoom
        }
        return core.submit(.commit(commit), completion: completion)
    }

    /// Queues any other change, as ``submit(_:completion:)`` does: it is made after all that was submitted before.
    public func submit(_ change: JournalChange, completion: @escaping Completion) {
        if case .commit(let commit) = change {
            submit(commit, completion: completion)
        } else {
            _ = core.submit(change, completion: completion)
        }
    }

    /// Whether there is room for more; see ``submit(_:completion:)``.
    public var hasRoom: Bool { core.hasRoom }

    /// Queues a commit when there is room, blocking until then, and blocks until it is durable.
    ///
    /// - Throws: as ``submit(_:completion:)`` says.
    public func commit(_ commit: JournalCommit) throws(TalkootError) {
        waitForRoom()
        let done = DispatchSemaphore(value: 0)
        let box = OutcomeBox()
        submit(commit) { result in
            box.outcome.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        try box.outcome.withLock { $0 }.get()
    }

    /// Blocks until the queue has room, or the committer has ended.
    public func waitForRoom() { core.waitForRoom() }

    /// Commits that are not durable yet.
    public var pending: Int { core.pending }

    /// Writes what is queued, ends the writer thread and waits for it. Later commits are refused. Not from a completion.
    public func close() {
        core.end()
        core.waitForEnd()
    }
}
