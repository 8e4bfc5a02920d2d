import Dispatch
import Synchronization
import TalkootCore

/// The queue of a ``GroupCommitter`` and what its thread does.
final class CommitCore: Sendable {
    private struct Entry: Sendable {
        let change: JournalChange
        let completion: GroupCommitter.Completion
    }

    private struct State: Sendable {
        /// Commits that the writer has not taken yet.
        var queue: [Entry] = []
        /// All that is not durable: what is queued and what the writer holds.
        var commits = 0
        var bytes = 0
        var isFull = false
        var isEnding = false
        var failure: TalkootError?
        var roomWaiters: [DispatchSemaphore] = []

        func exceeds(_ limits: GroupCommitter.Limits, times factor: Int) -> Bool {
            commits >= limits.queueCommits * factor || bytes >= limits.queueBytes * factor
        }
    }

    private let limits: GroupCommitter.Limits
    private let roomAgain: (@Sendable () -> Void)?
    private let append: @Sendable ([JournalChange]) throws(TalkootError) -> Void
    private let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)
    private let ended = DispatchGroup()

    init(
        limits: GroupCommitter.Limits, roomAgain: (@Sendable () -> Void)?,
        append: @escaping @Sendable ([JournalChange]) throws(TalkootError) -> Void
    ) {
        self.limits = limits
        self.roomAgain = roomAgain
        self.append = append
        ended.enter()
    }

    var pending: Int { state.withLock { $0.commits } }

    var hasRoom: Bool { state.withLock { !$0.isFull } }

    func submit(_ change: JournalChange, completion: @escaping GroupCommitter.Completion) -> Bool {
        enum Admission { case queued(hasRoom: Bool, wake: Bool), refused(TalkootError) }
        let admission: Admission = state.withLock { state in
            if let failure = state.failure { return .refused(failure) }
            if state.isEnding { return .refused(Self.closed) }
            if state.exceeds(limits, times: limits.refusalFactor) { return .refused(Self.overrun) }
            state.queue.append(Entry(change: change, completion: completion))
            state.commits += 1
            state.bytes += change.byteCount
            if state.exceeds(limits, times: 1) { state.isFull = true }
            return .queued(hasRoom: !state.isFull, wake: state.queue.count == 1)
        }
        switch admission {
        case .queued(let hasRoom, let wake):
            if wake { work.signal() }
            return hasRoom
        case .refused(let error):
            completion(.failure(error))
            return false
        }
    }

    func waitForRoom() {
        let semaphore: DispatchSemaphore? = state.withLock { state in
            guard state.isFull, !state.isEnding, state.failure == nil else { return nil }
            let semaphore = DispatchSemaphore(value: 0)
            state.roomWaiters.append(semaphore)
            return semaphore
        }
        semaphore?.wait()
    }

    func end() {
        state.withLock { $0.isEnding = true }
        work.signal()
    }

    func waitForEnd() { ended.wait() }

    /// The writer thread: takes all that is queued, writes it in groups, until the end.
    func write() {
        while let taken = takeQueue() {
            var start = 0
            while start < taken.count {
                let end = groupEnd(taken, from: start)
                write(taken[start..<end])
                start = end
            }
        }
        ended.leave()
    }

    /// What is queued, waiting for the first commit; `nil` at the end.
    private func takeQueue() -> [Entry]? {
        while true {
            let (taken, isOver): ([Entry], Bool) = state.withLock { state in
                defer { state.queue = [] }
                return (state.queue, state.queue.isEmpty && state.isEnding)
            }
            if !taken.isEmpty { return taken }
            if isOver { return nil }
            work.wait()
        }
    }

    private func groupEnd(_ taken: [Entry], from start: Int) -> Int {
        var end = start
        var bytes = 0
        while end < min(taken.count, start + limits.groupCommits), bytes < limits.groupBytes {
            bytes += taken[end].change.byteCount
            end += 1
        }
        return end
    }

    /// Writes one group, unless an error came before, and tells who waits.
    private func write(_ group: ArraySlice<Entry>) {
        var failure = state.withLock { $0.failure }
        if failure == nil {
            do throws(TalkootError) {
                try append(group.map(\.change))
            } catch {
                failure = error
            }
        }
        let (waiters, hasRoomAgain) = settle(group, failure)
        for entry in group { entry.completion(failure.map { .failure($0) } ?? .success(())) }
        for waiter in waiters { waiter.signal() }
        if hasRoomAgain { roomAgain?() }
    }

    private func settle(_ group: ArraySlice<Entry>, _ failure: TalkootError?) -> ([DispatchSemaphore], Bool) {
        let bytes = group.reduce(0) { $0 + $1.change.byteCount }
        return state.withLock { state in
            state.failure = failure
            state.commits -= group.count
            state.bytes -= bytes
            guard state.isFull, state.commits <= limits.queueCommits / 2, state.bytes <= limits.queueBytes / 2 else { return ([], false) }
            state.isFull = false
            defer { state.roomWaiters = [] }
            return (state.roomWaiters, true)
        }
    }

    private static let closed = TalkootError(.internalError, "the journal's committer is closed")
    private static let overrun = TalkootError(
        .tryLater, "results come faster than the disk takes them", remedy: "wait until commits are acknowledged")
}
