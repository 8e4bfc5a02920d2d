import NIOCore
import Synchronization
public import TalkootCore
public import TalkootPeer
import TalkootProtocol

/// A requester's connection to a long-lived coordinator: gives orders, and hands out the package and input of what it submits.
public final class OrderClient: Sendable {
    private let conversation: Conversation
    private let connection: PeerConnection

    /// Connects to a coordinator. TLS proves who this installation is; the endpoint's pin, who the coordinator is.
    ///
    /// - Throws: ``TalkootError`` `unreachable` when nobody answers, `refused` when it is somebody else or does not admit this peer.
    public static func connect(to endpoint: PeerEndpoint, network: PeerNetwork) async throws(TalkootError) -> OrderClient {
        let conversation = Conversation()
        let connection = try await network.connect(to: endpoint, framing: .frames, handler: conversation)
        guard connection.features.contains(Feature.orders) else {
            connection.close()
            throw TalkootError(
                .unreachable, "what answers at \(endpoint.host):\(endpoint.port) is no coordinator", remedy: "check host and port")
        }
        return OrderClient(conversation: conversation, connection: connection)
    }

    private init(conversation: Conversation, connection: PeerConnection) {
        (self.conversation, self.connection) = (conversation, connection)
    }

    /// The coordinator's key.
    public var peer: PeerID? { connection.remote.peer }

    /// Files that the coordinator may fetch while it works on a submission: the module's package and the input.
    public func offer(package: String, input: String?, for job: JobID) {
        conversation.state.withLock { $0.offer = Offer(job: job, package: package, input: input) }
    }

    /// Gives an order and waits for the answer.
    ///
    /// - Throws: what the coordinator says, or ``TalkootError`` `unreachable` when it does not answer.
    public func order(_ verb: String, job: JobID? = nil, body: String? = nil) async throws(TalkootError) -> [UInt8] {
        let promise = connection.eventLoop.makePromise(of: [UInt8].self)
        let stream: UInt32? = conversation.state.withLock { state in
            guard !state.isOver else { return nil }
            state.nextStream &+= 1
            state.answers[state.nextStream] = Answer(promise: promise)
            return state.nextStream
        }
        guard let stream else {
            promise.fail(Conversation.gone)
            throw conversation.state.withLock { $0.failure } ?? Conversation.gone
        }
        let conversation = conversation
        let clock = connection.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            conversation.tick(stream)
        }
        connection.send(.order(Message.Order(stream: stream, verb: verb, job: job, body: body)))
        defer { clock.cancel() }
        do {
            return try await promise.futureResult.get()
        } catch {
            throw error as? TalkootError ?? Conversation.gone
        }
    }

    /// Hangs up.
    public func close() { connection.close() }

    private struct Offer: Sendable {
        var job: JobID
        var package: String
        var input: String?
    }

    private struct Answer {
        var promise: EventLoopPromise<[UInt8]>
        var bytes: [UInt8] = []
        var seconds: Int64 = 0
    }

    private final class Conversation: PeerHandler {
        struct State {
            var nextStream: UInt32 = 0
            var answers: [UInt32: Answer] = [:]
            var offer: Offer?
            var isOver = false
            var failure: TalkootError?
        }

        let state = Mutex(State())

        static var gone: TalkootError {
            TalkootError(.unreachable, "the coordinator does not answer", remedy: "check that `talkoot coordinator` runs")
        }

        func connected(_ connection: PeerConnection) {}

        func receive(_ event: PeerEvent, on connection: PeerConnection) {
            switch event {
            case .message(.error(let fault)):
                if let stream = fault.stream { finish(stream, .failure(fault.error)) } else { fail(fault.error) }
            case .message(.fetch(let fetch)): serve(fetch, connection)
            case .chunk(let chunk): take(chunk)
            case .message, .commit, .body, .writable, .checkpoint: break
            }
        }

        func closed(_ connection: PeerConnection, error: TalkootError?) { fail(error ?? Self.gone) }

        /// A second has passed without an answer.
        func tick(_ stream: UInt32) {
            let isLate = state.withLock { state in
                state.answers[stream]?.seconds += 1
                return state.answers[stream].map { $0.seconds >= OrderLimits.answerSeconds } ?? false
            }
            if isLate { finish(stream, .failure(Self.gone)) }
        }

        private func fail(_ error: TalkootError) {
            let answers = state.withLock { state in
                if state.failure == nil { state.failure = error }
                state.isOver = true
                defer { state.answers = [:] }
                return state.answers.values
            }
            for answer in answers { answer.promise.fail(error) }
        }

        private func take(_ chunk: Chunk) {
            let result: Result<[UInt8], TalkootError>? = state.withLock { state in
                guard var answer = state.answers[chunk.stream] else { return nil }
                guard chunk.offset == UInt64(answer.bytes.count), answer.bytes.count + chunk.bytes.readableBytes <= OrderLimits.answerBytes
                else { return .failure(TalkootError(.badData, "the coordinator's answer makes no sense or is too large")) }
                answer.bytes += chunk.bytes.readableBytesView
                answer.seconds = 0
                state.answers[chunk.stream] = answer
                return chunk.isLast ? .success(answer.bytes) : nil
            }
            if let result { finish(chunk.stream, result) }
        }

        private func finish(_ stream: UInt32, _ result: Result<[UInt8], TalkootError>) {
            guard let answer = state.withLock({ $0.answers.removeValue(forKey: stream) }) else { return }
            switch result {
            case .success(let bytes): answer.promise.succeed(bytes)
            case .failure(let error): answer.promise.fail(error)
            }
        }

        /// Sends a part of what was offered; a local file is quick enough for the event loop of a client that does nothing else.
        private func serve(_ fetch: Message.Fetch, _ connection: PeerConnection) {
            // Fetches are signs of life, whatever becomes of the order.
            let offer = state.withLock { state in
                for stream in Array(state.answers.keys) { state.answers[stream]?.seconds = 0 }
                return state.offer
            }
            do throws(TalkootError) {
                guard let offer, offer.job == fetch.job, fetch.offset < 1 << 62,
                    let path = fetch.subject == .module ? offer.package : offer.input
                else {
                    throw TalkootError(.refused, "nothing is offered for job \(fetch.job)")
                }
                let bytes = try PackageFile(path: path).read(fetch.offset..<fetch.offset + fetch.length)
                connection.send(Chunk(stream: fetch.stream, offset: fetch.offset, bytes: ByteBuffer(bytes: bytes), isLast: true))
            } catch {
                connection.send(.error(Message.Fault(error, regarding: "fetch", job: fetch.job, stream: fetch.stream)))
            }
        }
    }
}
