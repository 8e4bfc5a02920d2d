import NIOCore
import NIOSSL
import TalkootCore
import TalkootProtocol

/// How a connection goes on after the conversation that it began with.
extension ConnectionHandler {
    /// The connection is from now on as these settings say; `early` came already.
    func become(_ next: ConnectionSettings, early: ByteBuffer, _ context: ChannelHandlerContext) {
        let channel = context.channel
        stopTimer()
        settings = next
        (connection, owner, failure) = (nil, nil, nil)
        remote.way = next.way
        if next.way == .relayed { (remote.peer, remote.isEncrypted, remote.isLoopback) = (nil, false, false) }
        machine = next.machine(at: context.now)
        next.opened?.futureResult.whenFailure { _ in channel.close(mode: .all, promise: nil) }
        do {
            if next.dialsTLS {
                try addInner(try next.tls.clientHandler(), context)
            } else {
                perform(machine.start(at: context.now), context)
            }
            if early.readableBytes > 0 {
                if inner == nil { perform(machine.receive(early, at: context.now), context) } else { try feedInner(early, context) }
            }
        } catch {
            close(TalkootError(.internalError, "TLS cannot be set up: \(error)"), context)
        }
        rearm(context)
    }

    /// Begins the accepting side of TLS inside the tracker's, with its first bytes.
    func startInnerTLS(_ handler: NIOSSLServerHandler, _ bytes: ByteBuffer, _ context: ChannelHandlerContext) throws {
        try addInner(handler, context)
        try feedInner(bytes, context)
    }

    private func addInner(_ handler: NIOSSLHandler, _ context: ChannelHandlerContext) throws {
        inner = handler
        try context.pipeline.syncOperations.addHandler(handler, position: .before(self))
    }

    /// Bytes that the outer TLS has let through.
    private func feedInner(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) throws {
        let outer = try context.pipeline.syncOperations.context(handlerType: NIOSSLClientHandler.self)
        outer.fireChannelRead(NIOAny(bytes))
        outer.fireChannelReadComplete()
    }

    /// The bytes are from now on those of a circuit.
    func enter(_ circuit: Circuit, _ side: Circuit.Side, _ context: ChannelHandlerContext) {
        stopTimer()
        self.circuit = (circuit, side)
        context.channel.setOption(.autoRead, value: false).whenComplete { _ in }
        context.channel.setOption(.allowRemoteHalfClosure, value: false).whenComplete { _ in }
        circuit.begin(side, early: machine.detach())
    }
}
