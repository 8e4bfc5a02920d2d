import NIOCore
import TalkootCore

extension ConnectionMachine {
    /// Looks at the first bytes. Gives whether it is worth looking further.
    mutating func sniff(encrypted: Bool, at now: Tick) -> Bool {
        let preface = Preface.decide(buffer)
        switch preface {
        case .undecided: return false
        case .tls where !encrypted:
            let bytes = buffer
            buffer = ByteBuffer()
            phase = .handshaking(deadline: now.advanced(bySeconds: Limits.openingSeconds))
            effects.append(.startTLS(bytes))
            return false
        case .tls, .unknown:
            fail(.badData("this is neither TLS, nor a JSON line, nor a frame of the talkoot protocol"))
            return false
        case .lines, .frames:
            if !encrypted, role == .accepting(allowsClear: false) { refuse(Self.clearRefused) }
            return begin(preface, at: now)
        }
    }

    private static var clearRefused: Message.Fault {
        let error = TalkootError(.refused, "clear text is served to this machine only", remedy: "connect with TLS")
        return Message.Fault(error)
    }

    private mutating func begin(_ preface: Preface, at now: Tick) -> Bool {
        if case .frames(let major) = preface {
            buffer.moveReaderIndex(forwardBy: Preface.byteCount)
            choose(.frames)
            effects.append(.sendPreface)
            if major != Preface.major {
                refuse(.badData("major version \(major) of the protocol is not spoken here, but \(Preface.major)"))
            } else if !allowsFrames {
                refuse(.badData("frames inside TLS need the application protocol \"\(Self.applicationProtocol)\" (ALPN)"))
            }
        } else {
            choose(.lines)
        }
        if let refusal {
            fail(refusal)
            return false
        }
        if framing == .frames {
            phase = .greeting(needsPreface: false, deadline: now.advanced(bySeconds: Limits.openingSeconds))
        } else {
            open()
        }
        return true
    }

    /// The name by which TLS agrees on this protocol's major version 1.
    package static let applicationProtocol = "talkoot/1"

    /// Dialled with frames: what answers must begin with the preface. Gives whether it is worth looking further.
    mutating func readPreface(deadline: Tick) -> Bool {
        switch Preface.decide(buffer) {
        case .undecided: return false
        case .frames(Preface.major):
            buffer.moveReaderIndex(forwardBy: Preface.byteCount)
            phase = .greeting(needsPreface: false, deadline: deadline)
            return true
        case .frames(let major):
            close(TalkootError(.refused, "the peer speaks major version \(major) of the protocol, not \(Preface.major)"))
        case .lines: readRefusalLine()
        case .tls, .unknown: close(TalkootError(.unreachable, "what answers is not a talkoot peer"))
        }
        return false
    }

    /// A peer that cannot go on may say so in a line, whatever framing was asked for.
    private mutating func readRefusalLine() {
        guard let newline = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else {
            if buffer.readableBytes > Limits.lineBytes { close(TalkootError(.unreachable, "what answers is not a talkoot peer")) }
            return
        }
        let line = buffer.getSlice(at: buffer.readerIndex, length: newline - buffer.readerIndex) ?? ByteBuffer()
        if case .success(.error(let fault)) = MessageCodec.decode(line) {
            close(fault.error)
        } else {
            close(TalkootError(.unreachable, "what answers does not speak frames"))
        }
    }
}
