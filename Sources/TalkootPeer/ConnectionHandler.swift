import NIOCore
import NIOSSL
import NIOTLS
public import TalkootCore
import TalkootProtocol

/// Performs what the ``ConnectionMachine`` decides: the only code between the machine and the channel.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    var settings: ConnectionSettings
    var machine: ConnectionMachine
    var remote: RemotePeer
    var connection: PeerConnection?
    var owner: (any PeerHandler)?
    var failure: TalkootError?
    private var timer: Scheduled<Void>?
    private var timerDeadline = Tick.distantFuture
    /// TLS between the two ends of a circuit, inside the tracker's.
    var inner: NIOSSLHandler?
    /// Set when the bytes belong to others.
    var circuit: (circuit: Circuit, side: Circuit.Side)?

    init(_ settings: ConnectionSettings, remote: RemotePeer, at now: Tick) {
        self.settings = settings
        self.remote = remote
        machine = settings.machine(at: now)
        if let refusal = settings.refusal { machine.refuse(refusal) }
    }

    // MARK: From the channel

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        if !settings.dialsTLS { perform(machine.start(at: context.now), context) }
        rearm(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let (circuit, side) = circuit { return circuit.received(unwrapInboundIn(data), from: side) }
        perform(machine.receive(unwrapInboundIn(data), at: context.now), context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // No flush here: what was sent has one scheduled for the end of this turn. A write that fails inside this call, at the end
        // of the peer's stream, would close the channel while NIO is still about to close its input, which it asserts against.
        if let (circuit, side) = circuit { circuit.wantMore(from: side) }
        rearm(context)
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        perform(machine.ended(), context)
        timer?.cancel()
        timer = nil
        let error = connection?.failure ?? failure
        settings.opened?.fail(error ?? TalkootError(.unreachable, "the peer closed the connection before it was ready"))
        if let connection, let owner { owner.closed(connection, error: error) }
        owner = nil
        if let (circuit, side) = circuit { circuit.ended(side) }
        circuit = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = NetworkFailure.duringConnection(error) { failure = failure ?? error }
        context.close(mode: .all, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let name): authorise(name, context)
        case ChannelEvent.inputClosed:
            perform(machine.ended(), context)
            rearm(context)
        case ConnectionSignal.writable: if let connection { owner?.receive(.writable, on: connection) }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let signal = event as? ConnectionSignal else { return context.triggerUserOutboundEvent(event, promise: promise) }
        switch signal {
        case .pause: perform(machine.pause(), context)
        case .resume: perform(machine.resume(at: context.now), context)
        case .closing: machine.closed()
        case .liftMessageRate: machine.liftMessageRate()
        case .become(let next): become(next, early: machine.detach(), context)
        case .enter(let circuit, let side): enter(circuit, side, context)
        case .writable: break
        }
        rearm(context)
        promise?.succeed()
    }

    // MARK: Authorisation

    /// After every handshake, also a resumed one, for which no callback of TLS runs.
    private func authorise(_ agreedProtocol: String?, _ context: ChannelHandlerContext) {
        remote.isEncrypted = true
        let agrees = agreedProtocol == ConnectionMachine.applicationProtocol
        var refusal: TalkootError?
        do throws(TalkootError) {
            remote.peer = try certificate(context).map { certificate throws(TalkootError) in
                try PeerTLS.authorise(certificate, pin: settings.pin)
            }
            try settings.check(remote, agreesOnProtocol: agrees)
        } catch {
            refusal = error
        }
        if case .accepting = settings.role {
            let fault = refusal.map { Message.Fault($0) }
            perform(machine.handshakeCompleted(agreedOnProtocol: agrees, refusal: fault, at: context.now), context)
        } else if let refusal {
            failure = refusal
            context.close(mode: .all, promise: nil)
        } else {
            perform(machine.start(at: context.now), context)
        }
        rearm(context)
    }

    private func certificate(_ context: ChannelHandlerContext) -> NIOSSLCertificate? {
        if let inner { return inner.peerCertificate }
        if case .accepting = settings.role {
            return try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self).peerCertificate
        }
        return try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self).peerCertificate
    }

    // MARK: Effects

    func perform(_ effects: [ConnectionMachine.Effect], _ context: ChannelHandlerContext) {
        for effect in effects {
            switch effect {
            case .startTLS(let bytes): startTLS(bytes, context)
            case .chosen(let framing):
                connection = PeerConnection(
                    channel: context.channel, remote: remote, framing: framing, localFeatures: settings.hello.features)
            case .sendPreface: connection?.sendPreface()
            case .send(let message): connection?.send(message)
            case .sendPing: connection?.sendPing()
            case .sendPong: connection?.sendPong()
            case .greeted(let hello): connection?.greeted(hello)
            case .opened: open()
            case .deliver(let event): if let connection { owner?.receive(event, on: connection) }
            case .refuse(let fault): refuse(fault, context)
            case .pauseReading: context.channel.setOption(.autoRead, value: false).whenComplete { _ in }
            case .resumeReading: context.channel.setOption(.autoRead, value: true).whenComplete { _ in }
            case .detach(let early):
                guard let next = settings.next else { return close(nil, context) }
                become(next(), early: early, context)
            case .close(let error): close(error, context)
            }
        }
    }

    private func open() {
        guard let connection else { return }
        guard settings.claim() else { return connection.close() }
        let owner = settings.makeHandler(remote)
        self.owner = owner
        owner.connected(connection)
        if settings.next == nil { settings.opened?.succeed(connection) }
    }

    private func startTLS(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard let handler = settings.tls.serverHandler() else {
            return close(TalkootError(.refused, "this listener has no identity for TLS"), context)
        }
        do {
            if settings.way == .relayed { return try startInnerTLS(handler, bytes, context) }
            try context.pipeline.syncOperations.addHandler(handler, position: .first)
            context.pipeline.fireChannelRead(bytes)
            context.pipeline.fireChannelReadComplete()
        } catch {
            close(TalkootError(.internalError, "TLS cannot be set up: \(error)"), context)
        }
    }

    private func refuse(_ fault: Message.Fault, _ context: ChannelHandlerContext) {
        var line = MessageCodec.encode(.error(fault))
        line.writeString("\n")
        context.writeAndFlush(wrapOutboundOut(line), promise: nil)
    }

    func close(_ error: TalkootError?, _ context: ChannelHandlerContext) {
        failure = failure ?? error
        if let connection {
            connection.close(after: nil, because: error)
        } else {
            context.close(mode: .all, promise: nil)
        }
    }

    // MARK: Time

    /// Sees to it that the machine is woken in time; a timer that is early does no harm.
    func rearm(_ context: ChannelHandlerContext) {
        let deadline = machine.nextDeadline
        guard deadline < .distantFuture, context.channel.isActive else { return }
        if timer != nil, timerDeadline <= deadline { return }
        timer?.cancel()
        timerDeadline = deadline
        let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(0, deadline.nanoseconds)))) {
            let (handler, context) = box.value
            handler.wake(context)
        }
    }

    func stopTimer() {
        timer?.cancel()
        (timer, timerDeadline) = (nil, .distantFuture)
    }

    private func wake(_ context: ChannelHandlerContext) {
        timer = nil
        if connection?.takeSentFlag() == true { machine.noteSent(at: context.now) }
        perform(machine.advance(to: context.now), context)
        rearm(context)
    }
}

extension ChannelHandlerContext {
    var now: Tick { Tick(eventLoop.now) }
}

extension Tick {
    /// Now, by the clock of event loops: that of ``Circuit/traffic``.
    public static var loopTime: Tick { Tick(.now()) }

    /// The event loop's time.
    init(_ deadline: NIODeadline) { self.init(nanoseconds: Int64(clamping: deadline.uptimeNanoseconds)) }
}
