import Synchronization
import TalkootCore

/// One thread that does short work with files for all connections, in order: the event loops must not block.
final class Errands: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var isOver = false
    }

    /// Errands that may wait; with more the sender is told that it is busy here.
    private static let limit = 256

    private let state = Mutex(State())
    private let bell: Bell

    /// Starts the thread.
    ///
    /// - Throws: ``TalkootError`` `try-later` when it cannot be started.
    init() throws(TalkootError) {
        bell = try Bell()
        let (state, bell) = (Unowned(self), bell)
        try AgentThread.start {
            while let errands = state.object?.take() {
                for errand in errands { errand() }
                if errands.isEmpty { bell.wait(seconds: 3_600) }
            }
        }
    }

    deinit { bell.ring() }

    /// Queues an errand.
    ///
    /// - Returns: whether there was room.
    func add(_ errand: @escaping @Sendable () -> Void) -> Bool {
        let hasRoom = state.withLock { state in
            guard !state.isOver, state.waiting.count < Self.limit else { return false }
            state.waiting.append(errand)
            return true
        }
        if hasRoom { bell.ring() }
        return hasRoom
    }

    /// Ends the thread after what is queued.
    func stop() {
        state.withLock { $0.isOver = true }
        bell.ring()
    }

    /// What is queued; `nil` when the thread is to end.
    private func take() -> [@Sendable () -> Void]? {
        state.withLock { state in
            if state.isOver && state.waiting.isEmpty { return nil }
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}

/// A reference that does not keep its object alive.
private struct Unowned: Sendable {
    weak let object: Errands?
    init(_ object: Errands) { self.object = object }
}
