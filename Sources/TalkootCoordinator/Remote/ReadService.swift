import Synchronization
import TalkootCore

/// The thread that reads files for volunteers, so that no event loop waits for a disk. Jobs run in the order they came.
final class ReadService: Sendable {
    private struct State {
        var queue: [@Sendable () -> Void] = []
        var isOver = false
    }

    private let state = Mutex(State())
    private let signal: WakeSignal

    /// Starts the thread.
    ///
    /// - Throws: ``TalkootError`` `try-later` when there can be no thread.
    init() throws(TalkootError) {
        signal = try WakeSignal()
        try WorkerThread.start { [state = Weak(self), signal] in
            while true {
                guard let jobs = state.object?.take() else { return }
                for job in jobs { job() }
                if jobs.isEmpty { signal.wait(seconds: 10) }
            }
        }
    }

    deinit { signal.raise() }

    /// Queues a job; `false` when too many wait. What one connection may have waiting is bounded elsewhere.
    func enqueue(_ job: @escaping @Sendable () -> Void) -> Bool {
        let isQueued = state.withLock { state in
            guard !state.isOver, state.queue.count < CoordinatorLimits.queuedReads else { return false }
            state.queue.append(job)
            return true
        }
        if isQueued { signal.raise() }
        return isQueued
    }

    /// Ends the thread soon; what is queued is dropped.
    func end() {
        state.withLock { state in
            state.isOver = true
            state.queue = []
        }
        signal.raise()
    }

    /// What waits, or `nil` at the end.
    private func take() -> [@Sendable () -> Void]? {
        state.withLock { state in
            defer { state.queue = [] }
            return state.isOver ? nil : state.queue
        }
    }
}

/// A reference that does not keep its object.
struct Weak<Object: AnyObject & Sendable>: Sendable {
    weak let object: Object?
    init(_ object: Object) { self.object = object }
}
