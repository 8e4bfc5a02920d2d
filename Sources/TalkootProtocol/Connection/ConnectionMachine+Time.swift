package import TalkootCore

extension ConnectionMachine {
    /// When ``advance(to:)`` is to be called next; earlier calls do no harm.
    package var nextDeadline: Tick {
        var deadlines = [throttledUntil, lineDeadline].compactMap(\.self)
        switch phase {
        case .waiting, .closed: return .distantFuture
        case .sniffing(_, let deadline), .handshaking(let deadline), .greeting(_, let deadline): deadlines.append(deadline)
        case .open where hasQuit: deadlines.append(lastReceived.advanced(bySeconds: Limits.quitSeconds))
        case .open where framing == .frames:
            deadlines.append(lastSent.advanced(bySeconds: Limits.pingSeconds))
            if isReading { deadlines.append(lastReceived.advanced(bySeconds: Limits.silenceSeconds)) }
        case .open where bodyBytesLeft > 0 && isReading:
            deadlines.append(lastReceived.advanced(bySeconds: Limits.silenceSeconds))
        case .open: break
        }
        return deadlines.min() ?? .distantFuture
    }

    private var isReading: Bool { !isPausedByOwner && throttledUntil == nil && !hasQuit }

    /// Time passed.
    package mutating func advance(to now: Tick) -> [Effect] {
        if let until = throttledUntil, until <= now { unthrottle(at: now) }
        switch phase {
        case .waiting, .closed: break
        case .sniffing(_, let deadline) where deadline <= now: close(Self.tooSlow("its first byte"))
        case .handshaking(let deadline) where deadline <= now: close(Self.tooSlow("the TLS handshake"))
        case .greeting(_, let deadline) where deadline <= now: fail(Message.Fault(Self.tooSlow("its hello")))
        case .sniffing, .handshaking, .greeting: break
        case .open: keepAlive(at: now)
        }
        return takeEffects()
    }

    private static func tooSlow(_ part: String) -> TalkootError {
        TalkootError(.unreachable, "the peer took more than \(Int(Limits.openingSeconds)) s for \(part)")
    }

    private mutating func unthrottle(at now: Tick) {
        throttledUntil = nil
        lastReceived = now
        understand(at: now)
        if throttledUntil == nil, !isPausedByOwner, !hasQuit, phase != .closed {
            effects.append(.resumeReading)
        } else if effects.last == .pauseReading {
            effects.removeLast()
        }
    }

    /// Frames: each side sends something at least every 15 s, so 45 s without a byte mean that the other one is gone. That holds
    /// also while it is busy reading a long transfer, and this side may rest from reading.
    private mutating func keepAlive(at now: Tick) {
        if let deadline = lineDeadline, deadline <= now { return fail(Message.Fault(Self.tooSlow("a line"))) }
        if hasQuit, now.seconds(since: lastReceived) >= Limits.quitSeconds { return close(nil) }
        guard framing == .frames || bodyBytesLeft > 0 else { return }
        if isReading, now.seconds(since: lastReceived) >= Limits.silenceSeconds {
            return close(TalkootError(.unreachable, "no sign of life from the peer for \(Int(Limits.silenceSeconds)) s"))
        }
        if framing == .frames, now.seconds(since: lastSent) >= Limits.pingSeconds {
            effects.append(.sendPing)
            lastSent = now
        }
    }
}
