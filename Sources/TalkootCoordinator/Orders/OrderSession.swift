import NIOCore
import Synchronization
public import TalkootCore
public import TalkootPeer
public import TalkootProtocol

/// A requester's connection at a long-lived coordinator: hands its orders to ``Answer`` and sends back what that gives.
///
/// The listener has admitted the requester before; `requester` is who TLS proved it to be.
public final class OrderSession: PeerHandler {
    /// Answers an order with a JSON document or the bytes of a result; runs in a task of its own.
    public typealias Answer = @Sendable (Message.Order, OrderSession) async throws(TalkootError) -> [UInt8]

    private struct State {
        var connection: PeerConnection?
        var openOrders = 0
        var nextStream: UInt32 = 0
        var fetches: [UInt32: Fetching] = [:]
        var isOver = false
    }

    private struct Fetching {
        var promise: EventLoopPromise<[UInt8]>
        var length: UInt64
        var offset: UInt64
        var bytes: [UInt8] = []
    }

    /// Who is at the other end; a listener admits nobody without a key.
    public let requester: PeerID?
    private let answer: Answer
    private let state = Mutex(State())

    /// A session with a requester.
    public init(requester: PeerID?, answer: @escaping Answer) {
        self.requester = requester
        self.answer = answer
    }

    // MARK: From the connection

    /// The connection is open.
    public func connected(_ connection: PeerConnection) { state.withLock { $0.connection = connection } }

    /// Takes an order, or a piece of what was fetched.
    public func receive(_ event: PeerEvent, on connection: PeerConnection) {
        switch event {
        case .message(.order(let order)): take(order, connection)
        case .message(.error(let fault)): if let stream = fault.stream { finish(stream, .failure(fault.error)) }
        case .message(.quit): connection.close()
        case .message(let message):
            connection.send(.error(Message.Fault(regarding: message.typeName, code: "usage", reason: "a coordinator takes orders only")))
        case .chunk(let chunk): take(chunk, connection)
        case .commit, .body, .writable, .checkpoint: break
        }
    }

    /// The requester is gone: what was fetched from it fails.
    public func closed(_ connection: PeerConnection, error: TalkootError?) {
        let fetches = state.withLock { state in
            (state.isOver, state.connection) = (true, nil)
            defer { state.fetches = [:] }
            return state.fetches.values
        }
        for fetch in fetches { fetch.promise.fail(Self.gone) }
    }

    // MARK: Orders

    private func take(_ order: Message.Order, _ connection: PeerConnection) {
        let hasRoom = state.withLock { state in
            guard state.openOrders < OrderLimits.openOrders else { return false }
            state.openOrders += 1
            return true
        }
        guard hasRoom else {
            let error = TalkootError(.tryLater, "this connection has \(OrderLimits.openOrders) open orders", remedy: "wait for an answer")
            return connection.send(.error(Message.Fault(error, regarding: "order", stream: order.stream)))
        }
        Task {
            do throws(TalkootError) {
                let bytes = try await answer(order, self)
                Self.send(bytes, stream: order.stream, on: connection)
            } catch {
                connection.send(.error(Message.Fault(error, regarding: "order", job: order.job, stream: order.stream)))
            }
            state.withLock { $0.openOrders -= 1 }
        }
    }

    private static func send(_ bytes: [UInt8], stream: UInt32, on connection: PeerConnection) {
        var offset = 0
        repeat {
            let end = min(bytes.count, offset + OrderLimits.resultPieceBytes)
            connection.send(
                Chunk(stream: stream, offset: UInt64(offset), bytes: ByteBuffer(bytes: bytes[offset..<end]), isLast: end == bytes.count))
            offset = end
        } while offset < bytes.count
    }

    // MARK: Fetching from the requester

    /// Asks the requester for a part of its package or input, at most ``Limits/fetchBytes``.
    ///
    /// - Throws: ``TalkootError`` `unreachable` when it is gone or silent, what it says when it has not got it, `bad-data` when it
    ///   sends something else.
    public func fetch(_ subject: Message.Fetch.Subject, of job: JobID, _ range: Range<UInt64>) async throws(TalkootError) -> [UInt8] {
        guard let connection = state.withLock({ $0.connection }) else { throw Self.gone }
        let promise = connection.eventLoop.makePromise(of: [UInt8].self)
        let stream: UInt32? = state.withLock { state in
            guard !state.isOver, state.fetches.count < Limits.openFetches else { return nil }
            state.nextStream &+= 1
            state.fetches[state.nextStream] = Fetching(promise: promise, length: UInt64(range.count), offset: range.lowerBound)
            return state.nextStream
        }
        guard let stream else {
            promise.fail(Self.gone)
            throw Self.gone
        }
        connection.send(
            .fetch(
                Message.Fetch(stream: stream, job: job, subject: subject, offset: range.lowerBound, length: UInt64(range.count))))
        let clock = connection.eventLoop.scheduleTask(in: .seconds(OrderLimits.pieceSeconds)) { self.finish(stream, .failure(Self.gone)) }
        defer { clock.cancel() }
        do {
            return try await promise.futureResult.get()
        } catch {
            throw error as? TalkootError ?? Self.gone
        }
    }

    private func take(_ chunk: Chunk, _ connection: PeerConnection) {
        let result: Result<[UInt8], TalkootError>? = state.withLock { state in
            guard var fetch = state.fetches[chunk.stream] else { return nil }
            let expected = fetch.offset + UInt64(fetch.bytes.count)
            guard chunk.offset == expected, UInt64(fetch.bytes.count + chunk.bytes.readableBytes) <= fetch.length else {
                return .failure(TalkootError(.badData, "the requester sent other bytes than it was asked for"))
            }
            fetch.bytes += chunk.bytes.readableBytesView
            state.fetches[chunk.stream] = fetch
            guard chunk.isLast else { return nil }
            guard UInt64(fetch.bytes.count) == fetch.length else {
                return .failure(TalkootError(.badData, "the requester sent fewer bytes than it announced", remedy: "submit again"))
            }
            return .success(fetch.bytes)
        }
        if let result { finish(chunk.stream, result) }
    }

    private func finish(_ stream: UInt32, _ result: Result<[UInt8], TalkootError>) {
        guard let fetch = state.withLock({ $0.fetches.removeValue(forKey: stream) }) else { return }
        switch result {
        case .success(let bytes): fetch.promise.succeed(bytes)
        case .failure(let error): fetch.promise.fail(error)
        }
    }

    private static var gone: TalkootError { TalkootError(.unreachable, "the requester is gone", remedy: "submit again") }
}
