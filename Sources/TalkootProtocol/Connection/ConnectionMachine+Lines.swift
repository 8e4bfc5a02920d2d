import NIOCore
import TalkootCore

extension ConnectionMachine {
    /// Takes a line or a part of a body. Gives whether there may be more to take.
    mutating func nextLine(at now: Tick) -> Bool {
        if bodyBytesLeft > 0 { return takeBody() }
        let view = buffer.readableBytesView
        guard let newline = view[(view.startIndex + scannedBytes)...].firstIndex(of: UInt8(ascii: "\n")) else {
            scannedBytes = buffer.readableBytes
            return waitForNewline(at: now)
        }
        let length = newline - view.startIndex
        guard length <= Limits.lineBytes else { return lineTooLong() }
        if !isBlank(view[..<newline]), isThrottled(at: now) { return false }
        scannedBytes = 0
        lineDeadline = nil
        guard let line = buffer.readSlice(length: length), !isBlank(line.readableBytesView) else {
            buffer.moveReaderIndex(forwardBy: 1)
            return true
        }
        buffer.moveReaderIndex(forwardBy: 1)
        take(MessageCodec.decode(line))
        return true
    }

    private func isBlank(_ bytes: ByteBufferView) -> Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }

    private mutating func waitForNewline(at now: Tick) -> Bool {
        guard buffer.readableBytes <= Limits.lineBytes else { return lineTooLong() }
        if buffer.readableBytes == 0 {
            lineDeadline = nil
        } else if lineDeadline == nil {
            lineDeadline = now.advanced(bySeconds: Limits.openingSeconds)
        }
        return false
    }

    private mutating func lineTooLong() -> Bool {
        fail(.badData("a line is at most \(Limits.lineBytes) bytes long"))
        return false
    }

    /// Takes what is there of the body.
    private mutating func takeBody() -> Bool {
        let length = Int(min(bodyBytesLeft, UInt64(buffer.readableBytes)))
        guard length > 0, let part = buffer.readSlice(length: length) else { return false }
        deliverBody(part)
        return true
    }

    mutating func deliverBody(_ part: ByteBuffer) {
        bodyBytesLeft -= UInt64(part.readableBytes)
        effects.append(.deliver(.body(part, isLast: bodyBytesLeft == 0)))
    }

    /// Counts a control message; when there are too many, stops reading until there may be one more.
    mutating func isThrottled(at now: Tick) -> Bool {
        guard let until = rate?.take(at: now) else { return false }
        throttledUntil = until
        if !isPausedByOwner { effects.append(.pauseReading) }
        return true
    }

    // MARK: Messages, in either framing

    /// Answers or hands over a control message.
    mutating func take(_ decoded: Result<Message, Message.Fault>) {
        switch decoded {
        case .failure(let fault):
            faultsInARow += 1
            if phase != .open || faultsInARow >= Limits.faultsInARow { return fail(fault) }
            effects.append(.send(.error(fault)))
        case .success(let message):
            faultsInARow = 0
            take(message)
        }
    }

    private mutating func take(_ message: Message) {
        switch message {
        case .hello(let hello): greet(hello)
        case .error(let fault) where phase != .open: close(fault.error)
        case _ where phase != .open: fail(.badData("the first message is to be a hello", regarding: message.typeName))
        case .quit: quit()
        case .circuit(let reply) where wantsCircuit && reply.content == "yes": effects.append(.detach(detach()))
        default: deliver(message)
        }
    }

    /// Over lines an accepting side may still owe replies when the peer wants no more: a script sends all its lines, a `quit`
    /// and the end of its stream at once.
    var owesReplies: Bool {
        if case .accepting = role { framing == .lines } else { false }
    }

    /// The peer wants no more. When replies may be owed, the handler closes after the last one; nothing more is read.
    mutating func quit() {
        effects.append(.deliver(.message(.quit)))
        guard owesReplies else { return close(nil) }
        hasQuit = true
        buffer = ByteBuffer()
        effects.append(.pauseReading)
    }

    private mutating func greet(_ hello: Message.Hello) {
        effects.append(.greeted(hello))
        switch (role, framing) {
        case (.accepting, .lines): effects.append(.send(.hello(self.hello)))
        case (.accepting, _):
            guard phase != .open else { return }
            effects.append(.send(.hello(self.hello)))
            open()
        case (.dialing, .lines): effects.append(.deliver(.message(.hello(hello))))
        case (.dialing, _): if phase != .open { open() }
        }
    }

    private mutating func deliver(_ message: Message) {
        guard let bytes = message.bodyBytes else { return effects.append(.deliver(.message(message))) }
        guard bytes <= Limits.packageBytes, bodyBytesLeft == 0 else {
            return fail(.badData("a body is at most \(Limits.packageBytes) bytes long", regarding: message.typeName))
        }
        effects.append(.deliver(.message(message)))
        bodyBytesLeft = bytes
        if bytes == 0 { effects.append(.deliver(.body(ByteBuffer(), isLast: true))) }
    }
}
