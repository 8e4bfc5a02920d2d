import NIOCore
import Synchronization
import TalkootCore
import TalkootProtocol

/// The handler beneath a ``TrackerClient``: matches replies to the one question that is open, collects bodies, watches the clock.
final class TrackerConversation: PeerHandler {
    /// How long a reply, and each part of a body, may take, in seconds.
    static let replySeconds: Int64 = 30

    /// Where a reply's body goes.
    enum Sink {
        case memory(limitBytes: Int)
        case file(SyncedFile)
    }

    /// A reply and, when it went to memory, its body.
    struct Reply {
        var message: Message
        var body = ByteBuffer()
    }

    private struct Question {
        var type: String
        var accepts: @Sendable (Message) -> Bool
        var sink: Sink?
        var promise: EventLoopPromise<Reply>
        var reply: Reply?
    }

    private struct State {
        var connection: PeerConnection?
        var question: Question?
        var clock: Scheduled<Void>?
        var writable: CheckedContinuation<Void, Never>?
        var isClosed = false
        var failure: TalkootError?
    }

    private let state = Mutex(State())
    private let callbacks: TrackerClient.Callbacks

    init(callbacks: TrackerClient.Callbacks) { self.callbacks = callbacks }

    // MARK: Asking

    /// Sends a question; the future has the reply that `accepts` takes, or the error that the tracker sent in its place.
    func ask(
        _ message: Message, on connection: PeerConnection, sink: Sink? = nil, accepts: @escaping @Sendable (Message) -> Bool
    ) -> EventLoopFuture<Reply> {
        let promise = connection.eventLoop.makePromise(of: Reply.self)
        let failure: TalkootError? = state.withLock { state in
            guard !state.isClosed else { return state.failure ?? Self.gone }
            state.question = Question(type: message.typeName, accepts: accepts, sink: sink, promise: promise)
            return nil
        }
        if let failure {
            promise.fail(failure)
        } else {
            connection.send(message)
            restartClock(connection)
        }
        return promise.futureResult
    }

    /// Returns when more can be sent, or nothing can any more.
    func waitUntilWritable(_ connection: PeerConnection) async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                if state.isClosed || connection.isWritable { return true }
                state.writable = continuation
                return false
            }
            if goesOn { continuation.resume() }
        }
    }

    private static var gone: TalkootError {
        TalkootError(.unreachable, "the connection to the tracker is closed", remedy: "check that the tracker is running")
    }

    // MARK: The clock

    func restartClock(_ connection: PeerConnection) {
        let clock = connection.eventLoop.scheduleTask(in: .seconds(Self.replySeconds)) { self.timeOut(connection) }
        let (old, isIdle) = state.withLock { state in
            defer { state.clock = clock }
            return (state.clock, state.question == nil)
        }
        old?.cancel()
        if isIdle { clock.cancel() }
    }

    private func timeOut(_ connection: PeerConnection) {
        let error = TalkootError(
            .unreachable, "the tracker did not answer within \(Self.replySeconds) s", remedy: "try again; it may be overloaded")
        finish(.failure(error))
        connection.close(after: nil, because: error)
    }

    private func finish(_ result: Result<Reply, TalkootError>) {
        let (question, clock) = state.withLock { state in
            defer { (state.question, state.clock) = (nil, nil) }
            return (state.question, state.clock)
        }
        clock?.cancel()
        switch result {
        case .success(let reply): question?.promise.succeed(reply)
        case .failure(let error): question?.promise.fail(error)
        }
    }

    // MARK: PeerHandler

    func connected(_ connection: PeerConnection) { state.withLock { $0.connection = connection } }

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        switch event {
        case .message(let message): take(message, on: connection)
        case .body(let part, let isLast): take(part, isLast: isLast, on: connection)
        case .writable: releaseWriter()
        case .commit, .chunk, .checkpoint: break
        }
    }

    func closed(_ connection: PeerConnection, error: TalkootError?) {
        state.withLock { state in
            state.isClosed = true
            state.failure = error
        }
        finish(.failure(error ?? Self.gone))
        releaseWriter()
        callbacks.closed?(error)
    }

    private func releaseWriter() {
        let writer = state.withLock { state in
            defer { state.writable = nil }
            return state.writable
        }
        writer?.resume()
    }

    private func take(_ message: Message, on connection: PeerConnection) {
        if case .request(let request) = message {
            guard let answer = callbacks.request?(request) else { return }
            return connection.send(.response(answer))
        }
        if case .invite(let invitation) = message {
            callbacks.invited?(invitation)
            return
        }
        if case .restart(let notice) = message {
            callbacks.restarting?(notice)
            return
        }
        let isReply: Bool? = state.withLock { state in
            guard let question = state.question, question.reply == nil else { return nil }
            if case .error(let fault) = message { return fault.regarding.isEmpty || fault.regarding == question.type ? false : nil }
            guard question.accepts(message) else { return nil }
            if message.bodyBytes != nil { state.question?.reply = Reply(message: message) }
            return true
        }
        switch (isReply, message) {
        case (false?, .error(let fault)): finish(.failure(fault.error))
        case (true?, _) where message.bodyBytes == nil: finish(.success(Reply(message: message)))
        default: break
        }
    }

    private func take(_ part: ByteBuffer, isLast: Bool, on connection: PeerConnection) {
        let result: Result<Reply?, TalkootError> = state.withLock { state in
            guard var reply = state.question?.reply, let sink = state.question?.sink else { return .success(nil) }
            return Result { () throws(TalkootError) in
                switch sink {
                case .file(let file): try file.append(part)
                case .memory(let limit):
                    guard reply.body.readableBytes + part.readableBytes <= limit else {
                        throw TalkootError(.badData, "the tracker's answer is larger than \(limit) bytes")
                    }
                    state.question?.reply = nil
                    reply.body.writeImmutableBuffer(part)
                    state.question?.reply = reply
                }
                return isLast ? reply : nil
            }
        }
        switch result {
        case .success(nil): restartClock(connection)
        case .success(let reply?): finish(.success(reply))
        case .failure(let error):
            finish(.failure(error))
            connection.close(after: nil, because: error)
        }
    }
}
