public import NIOCore
import Synchronization
import TalkootCore
public import TalkootProtocol

/// An open connection to a peer. All functions may be called from any thread; the order of sends is kept.
public final class PeerConnection: Sendable {
    /// Who is at the other end.
    public let remote: RemotePeer
    /// How messages are laid out.
    public let framing: Framing
    let channel: any Channel
    private let outbox: Mutex<Outbox>

    init(channel: any Channel, remote: RemotePeer, framing: Framing, localFeatures: [String]) {
        self.channel = channel
        self.remote = remote
        self.framing = framing
        outbox = Mutex(Outbox(framing: framing, localFeatures: localFeatures))
    }

    /// The loop on which the handler is called.
    public var eventLoop: any EventLoop { channel.eventLoop }

    /// Runs `body` on the loop on which the handler is called, unless the connection is closed: its loop may have ended then.
    ///
    /// - Returns: whether it will run.
    @discardableResult
    public func perform(_ body: @escaping @Sendable () -> Void) -> Bool {
        guard channel.isActive else { return false }
        eventLoop.execute(body)
        return true
    }

    /// The features that both sides have named; empty before the peer's hello.
    public var features: Set<String> { outbox.withLock(\.features) }

    /// The peer's hello, when it has said it.
    public var hello: Message.Hello? { outbox.withLock(\.hello) }

    // MARK: Sending

    /// Sends a message. It goes out with all that is sent in the same turn of the event loop.
    ///
    /// A message longer than ``Limits/controlBytes`` is not sent, and the connection closed with an error.
    public func send(_ message: Message) {
        switch message {
        case .response(let response) where response.reply == "yes" && response.job != nil: signal(.liftMessageRate)
        // A volunteer answers the greeting of one that works for the same job.
        case .swarm: signal(.liftMessageRate)
        default: break
        }
        enqueue { $0.append(message) }
    }

    /// Sends a message and the whole body that it announces: the message's `size` must be the body's.
    public func send(_ message: Message, body: ByteBuffer) {
        precondition(message.bodyBytes == UInt64(body.readableBytes), "the message announces another size than the body has")
        enqueue { queue in
            guard queue.append(message) else { return false }
            queue.appendBody(body)
            return true
        }
    }

    /// Sends a part of the body that a message sent before has announced; the parts must add up to its `size`.
    public func sendBody(_ part: ByteBuffer) {
        enqueue { queue in
            queue.appendBody(part)
            return true
        }
    }

    /// Sends finished units, split as the protocol wants it. Closes a connection of lines with an error.
    public func send(_ commit: Commit) {
        enqueue { queue in
            guard queue.framing == .frames else { return false }
            queue.append(commit)
            return true
        }
    }

    /// Sends fetched bytes, at most ``Limits/chunkBytes``. Closes a connection of lines with an error.
    public func send(_ chunk: Chunk) {
        enqueue { queue in
            guard queue.framing == .frames, chunk.bytes.readableBytes <= Limits.chunkBytes else { return false }
            queue.append(chunk)
            return true
        }
    }

    /// Sends a checkpoint of at most ``Limits/checkpointBytes``, if the peer knows such; drops it otherwise, since it only saves time.
    public func send(_ checkpoint: Checkpoint) {
        guard features.contains(Feature.checkpoint), checkpoint.bytes.readableBytes <= Limits.checkpointBytes else { return }
        enqueue { queue in
            guard queue.framing == .frames else { return false }
            queue.append(checkpoint)
            return true
        }
    }

    /// Whether less than ``Limits/outboundBytes`` wait to be sent. When it was not, ``PeerEvent/writable`` tells when it is again.
    public var isWritable: Bool { outbox.withLock { !$0.isFull } }

    // MARK: Receiving

    /// Reads no more until ``resumeReading()``; what is already read may still be handed over.
    public func pauseReading() { signal(.pause) }

    /// Reads again.
    public func resumeReading() { signal(.resume) }

    // MARK: Closing

    /// Sends what waits, then the fault when there is one, and closes. Does nothing when closed already.
    ///
    /// The handler gets nothing more but `closed`. A peer that does not read is cut off after ``closeSeconds``.
    public func close(after fault: Message.Fault? = nil) { close(after: fault, because: nil) }

    /// How long what waits may take to go out when the connection is closed, in seconds.
    static let closeSeconds: Int64 = 5

    func close(after fault: Message.Fault?, because error: TalkootError?) {
        let isFirst = outbox.withLock { outbox in
            guard !outbox.isClosing else { return false }
            if let fault, !outbox.isDetached { _ = outbox.queue.append(.error(fault)) }
            outbox.isClosing = true
            outbox.failure = error
            return true
        }
        guard isFirst, channel.isActive else { return }
        signal(.closing)
        eventLoop.execute { self.flush() }
        let cut = eventLoop.scheduleTask(in: .seconds(Self.closeSeconds)) { self.shut() }
        channel.closeFuture.whenComplete { _ in cut.cancel() }
    }

    // MARK: Going on as something else

    /// Sends a last message; what comes after it is read, and what is sent belongs, to a connection with these settings.
    func become(_ settings: ConnectionSettings, after last: Message) { detach(after: last, .become(settings)) }

    /// Sends a last message; what comes after it belongs to the other end of the circuit.
    func enter(_ circuit: Circuit, as side: Circuit.Side, after last: Message) { detach(after: last, .enter(circuit, as: side)) }

    /// In one turn of the loop, so that no byte is taken for the wrong conversation's.
    private func detach(after last: Message, _ signal: ConnectionSignal) {
        eventLoop.execute {
            let isOpen = self.outbox.withLock { outbox in
                guard !outbox.isClosing, !outbox.isDetached else { return false }
                _ = outbox.queue.append(last)
                outbox.isDetached = true
                return true
            }
            guard isOpen else { return self.channel.close(mode: .all, promise: nil) }
            self.flush()
            self.channel.triggerUserOutboundEvent(signal, promise: nil)
        }
    }

    /// The address of this side, numerically, as the connection has it.
    public var localAddress: String { channel.localAddress?.ipAddress ?? "" }

    // MARK: For the channel handler

    /// Why the connection was closed by this side, when it was by mistake or fault.
    var failure: TalkootError? { outbox.withLock(\.failure) }

    func greeted(_ hello: Message.Hello) {
        outbox.withLock { outbox in
            outbox.hello = hello
            outbox.features = outbox.localFeatures.intersection(hello.features)
        }
    }

    /// Whether anything was sent since the last call.
    func takeSentFlag() -> Bool { outbox.withLock { $0.takeSentFlag() } }

    func sendPreface() { enqueueAlways { $0.appendPreface() } }

    func sendPing() { enqueueAlways { $0.appendPing() } }

    func sendPong() { enqueueAlways { $0.appendPong() } }

    private func enqueueAlways(_ append: (inout OutboundQueue) -> Void) {
        enqueue { queue in
            append(&queue)
            return true
        }
    }

    /// Writes all that waits, in one flush. On the event loop.
    func flush() {
        let (pieces, isClosing) = outbox.withLock { $0.takeAll() }
        guard let last = pieces.last else {
            if isClosing { closeWhenSent() }
            return
        }
        for piece in pieces.dropLast() { channel.write(piece, promise: nil) }
        let bytes = pieces.reduce(0) { $0 + $1.readableBytes }
        let written = channel.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in self.sent(bytes) }
        channel.writeAndFlush(last, promise: written)
    }

    private func sent(_ bytes: Int) {
        let (becameWritable, isClosing) = outbox.withLock { $0.sent(bytes) }
        if isClosing { return closeWhenSent() }
        if becameWritable { channel.pipeline.fireUserInboundEventTriggered(ConnectionSignal.writable) }
    }

    private func closeWhenSent() {
        guard outbox.withLock({ $0.queue.pendingBytes == 0 }) else { return }
        shut()
    }

    /// Closes the channel. Nothing more is wanted from the peer: NIOSSL, when the peer may close its half alone, would take its
    /// answer to the end of TLS for that and wait until a time-out.
    private func shut() {
        channel.setOption(.allowRemoteHalfClosure, value: false).whenComplete { _ in }
        channel.close(mode: .all, promise: nil)
    }

    private func signal(_ signal: ConnectionSignal) {
        guard channel.isActive else { return }
        channel.triggerUserOutboundEvent(signal, promise: nil)
    }

    private func enqueue(_ append: (inout OutboundQueue) -> Bool) {
        switch outbox.withLock({ $0.enqueue(append) }) {
        case .nothing: break
        case .flush: perform { self.flush() }
        case .fail(let error): close(after: nil, because: error)
        case .cut(let error):
            close(after: nil, because: error)
            shut()
        }
    }
}
