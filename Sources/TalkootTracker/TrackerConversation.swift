import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol

/// One connection of a tracker: takes events from the event loop, works on them one after another in a task, so that replies
/// keep the order of the questions, and stops reading while too many wait.
final class TrackerConversation: PeerHandler {
    private struct State: Sendable {
        var id: TrackerDirectory.ConnectionID?
        var waiting = 0
        var isPaused = false
        var isClosed = false
        var writer: CheckedContinuation<Void, Never>?
    }

    private let tracker: TrackerService
    private let events: AsyncStream<PeerEvent>
    private let feed: AsyncStream<PeerEvent>.Continuation
    private let state = Mutex(State())

    init(_ tracker: TrackerService) {
        self.tracker = tracker
        (events, feed) = AsyncStream.makeStream(of: PeerEvent.self)
    }

    func connected(_ connection: PeerConnection) {
        switch tracker.admit(connection) {
        case .failure(let error): connection.close(after: Message.Fault(error))
        case .success(let id):
            state.withLock { $0.id = id }
            Task { await converse(connection, id) }
        }
    }

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        if event == .writable {
            releaseWriter()
            return
        }
        let mustPause = state.withLock { state in
            state.waiting += 1
            guard state.waiting >= TrackerLimits.eventsWaiting, !state.isPaused else { return false }
            state.isPaused = true
            return true
        }
        if mustPause { connection.pauseReading() }
        feed.yield(event)
    }

    func closed(_ connection: PeerConnection, error: TalkootError?) {
        feed.finish()
        let id = state.withLock { state in
            state.isClosed = true
            return state.id
        }
        releaseWriter()
        if let id { tracker.end(id) }
    }

    /// Whether the connection has ended.
    var isClosed: Bool { state.withLock(\.isClosed) }

    /// Waits until there is room to send, or the connection has ended.
    func waitForRoom(on connection: PeerConnection) async {
        while !connection.isWritable, !isClosed {
            await withCheckedContinuation { continuation in
                state.withLock { $0.writer = continuation }
                if connection.isWritable || isClosed { releaseWriter() }
            }
        }
    }

    private func releaseWriter() {
        let writer = state.withLock { state in
            defer { state.writer = nil }
            return state.writer
        }
        writer?.resume()
    }

    private func converse(_ connection: PeerConnection, _ id: TrackerDirectory.ConnectionID) async {
        let dialogue = TrackerDialogue(tracker, connection, id, self)
        for await event in events {
            takeOne(connection)
            tracker.heard(id, saidHello: connection.hello != nil)
            await dialogue.handle(event)
            await waitForRoom(on: connection)
        }
        await dialogue.end()
    }

    private func takeOne(_ connection: PeerConnection) {
        let mayResume = state.withLock { state in
            state.waiting -= 1
            guard state.isPaused, state.waiting <= TrackerLimits.eventsWaiting / 2 else { return false }
            state.isPaused = false
            return true
        }
        if mayResume { connection.resumeReading() }
    }
}
