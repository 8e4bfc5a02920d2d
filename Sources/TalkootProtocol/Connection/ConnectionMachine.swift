package import NIOCore
package import TalkootCore

/// One connection's mind: bytes and time in, effects out. No sockets, no clock.
///
/// ```
/// accepting: sniffing -> (handshaking -> sniffing inside) -> open (lines) | greeting -> open (frames) -> closed
/// dialing:   waiting -> open (lines) | greeting -> open (frames) -> closed
/// ```
package struct ConnectionMachine: Sendable {
    /// Which end this is.
    package enum Role: Hashable, Sendable {
        case accepting(allowsClear: Bool)
        case dialing(Framing)
    }

    /// What the shell is to do, in order.
    package enum Effect: Hashable, Sendable {
        /// Put TLS beneath and give it these bytes.
        case startTLS(ByteBuffer)
        /// The framing is settled: sending is possible from now on.
        case chosen(Framing)
        case sendPreface
        case send(Message)
        case sendPing
        case sendPong
        /// The peer said hello.
        case greeted(Message.Hello)
        /// Hand the connection to its handler.
        case opened
        case deliver(PeerEvent)
        /// The framing is unknown: send this as a line.
        case refuse(Message.Fault)
        case pauseReading
        case resumeReading
        /// What follows a `circuit` that says yes is not of this conversation: these bytes came already.
        case detach(ByteBuffer)
        /// Send what waits, then close; nothing comes after this.
        case close(TalkootError?)
    }

    enum Phase: Hashable {
        /// Dialled, not yet started.
        case waiting
        /// The first bytes decide; `encrypted` inside TLS.
        case sniffing(encrypted: Bool, deadline: Tick)
        /// TLS is at work.
        case handshaking(deadline: Tick)
        /// Frames: the peer's preface, when it is still to come, and its hello.
        case greeting(needsPreface: Bool, deadline: Tick)
        case open
        case closed
    }

    let role: Role
    let hello: Message.Hello
    var phase: Phase
    var framing: Framing?
    /// Received and not yet understood.
    var buffer = ByteBuffer()
    var effects: [Effect] = []
    /// A fault that ends the connection as soon as it can be told in the peer's framing.
    var refusal: Message.Fault?
    var allowsFrames = true

    var bodyBytesLeft: UInt64 = 0
    var scannedBytes = 0
    var lineDeadline: Tick?
    var faultsInARow = 0
    var assembler = CommitAssembler()

    var rate: MessageRate?
    var throttledUntil: Tick?
    var isPausedByOwner = false
    /// The peer said `quit` over lines, or sent the end of its stream: its handler closes.
    var hasQuit = false
    var lastReceived: Tick
    var lastSent: Tick

    /// A dialler that asked for a circuit: a `circuit` that says yes ends the conversation.
    let wantsCircuit: Bool

    /// A connection that has just been accepted or dialled. `hello` is what this side can do; `rate` bounds control messages.
    ///
    /// - Parameters:
    ///   - isInsideTLS: TLS is done already, with the protocol's name agreed on.
    ///   - wantsCircuit: it is dialled for a `circuit`.
    package init(
        role: Role, hello: Message.Hello, rate: MessageRate? = nil, isInsideTLS: Bool = false, wantsCircuit: Bool = false, at now: Tick
    ) {
        self.wantsCircuit = wantsCircuit
        self.role = role
        self.hello = hello
        self.rate = rate
        lastReceived = now
        lastSent = now
        if case .accepting = role {
            phase = .sniffing(encrypted: isInsideTLS, deadline: now.advanced(bySeconds: Limits.openingSeconds))
        } else {
            phase = .waiting
        }
    }

    // MARK: Events

    /// A dialled connection is up and authorised.
    package mutating func start(at now: Tick) -> [Effect] {
        guard case .dialing(let framing) = role, phase == .waiting else { return [] }
        lastReceived = now
        lastSent = now
        choose(framing)
        if framing == .frames {
            effects += [.sendPreface, .send(.hello(hello))]
            phase = .greeting(needsPreface: true, deadline: now.advanced(bySeconds: Limits.openingSeconds))
        } else {
            open()
        }
        return takeEffects()
    }

    /// TLS is done on the accepting side. Frames want the protocol's name to be agreed on; `refusal` ends the connection politely.
    package mutating func handshakeCompleted(agreedOnProtocol: Bool, refusal: Message.Fault?, at now: Tick) -> [Effect] {
        guard case .handshaking = phase else { return [] }
        allowsFrames = agreedOnProtocol
        self.refusal = self.refusal ?? refusal
        phase = .sniffing(encrypted: true, deadline: now.advanced(bySeconds: Limits.openingSeconds))
        return []
    }

    /// Ends the connection with a fault as soon as the peer's framing is known.
    package mutating func refuse(_ fault: Message.Fault) { refusal = refusal ?? fault }

    /// Bytes came.
    package mutating func receive(_ bytes: ByteBuffer, at now: Tick) -> [Effect] {
        guard phase != .closed, !hasQuit else { return [] }
        lastReceived = now
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(bytes)
        }
        understand(at: now)
        return takeEffects()
    }

    /// The peer sends no more.
    package mutating func ended() -> [Effect] {
        switch phase {
        case .closed: return []
        case .waiting, .sniffing, .handshaking: close(nil)
        case .greeting: close(TalkootError(.unreachable, "the peer closed the connection before it said hello"))
        case .open where bodyBytesLeft > 0 || buffer.readableBytes > 0:
            close(TalkootError(.unreachable, "the connection broke off in the middle of a message"))
        case .open where !owesReplies: close(nil)
        case .open: if !hasQuit { quit() }
        }
        return takeEffects()
    }

    /// The owner wants no more for now.
    package mutating func pause() -> [Effect] {
        guard !isPausedByOwner, phase != .closed else { return [] }
        isPausedByOwner = true
        if throttledUntil == nil { effects.append(.pauseReading) }
        return takeEffects()
    }

    /// The owner wants more.
    package mutating func resume(at now: Tick) -> [Effect] {
        guard isPausedByOwner, phase != .closed else { return [] }
        isPausedByOwner = false
        lastReceived = now
        if throttledUntil == nil, !hasQuit { effects.append(.resumeReading) }
        return takeEffects()
    }

    /// Something was sent.
    package mutating func noteSent(at now: Tick) { lastSent = now }

    /// The peer does paid work now: its messages are no longer counted.
    package mutating func liftMessageRate() { rate = nil }

    /// The owner closes.
    package mutating func closed() { phase = .closed }

    /// The conversation ends here, the connection goes on as something else. Gives what was received and not understood.
    package mutating func detach() -> ByteBuffer {
        defer { buffer = ByteBuffer() }
        phase = .closed
        return buffer
    }

    // MARK: Parts

    mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    mutating func choose(_ framing: Framing) {
        self.framing = framing
        effects.append(.chosen(framing))
    }

    mutating func open() {
        phase = .open
        effects.append(.opened)
    }

    mutating func close(_ error: TalkootError?) {
        phase = .closed
        buffer = ByteBuffer()
        effects.append(.close(error))
    }

    /// Tells the peer what is wrong and closes.
    mutating func fail(_ fault: Message.Fault) {
        effects.append(framing == nil ? .refuse(fault) : .send(.error(fault)))
        close(fault.error)
    }

    /// Takes everything that can be understood from the buffer.
    mutating func understand(at now: Tick) {
        while throttledUntil == nil, !hasQuit {
            let progressed =
                switch phase {
                case .waiting, .handshaking, .closed: false
                case .sniffing(let encrypted, _): sniff(encrypted: encrypted, at: now)
                case .greeting, .open: framing == .frames ? nextFrame(at: now) : nextLine(at: now)
                }
            guard progressed else { return }
        }
    }
}
