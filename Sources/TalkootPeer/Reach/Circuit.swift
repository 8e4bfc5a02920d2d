import NIOCore
import Synchronization
public import TalkootCore
public import TalkootProtocol

/// Two connections whose bytes are passed on to each other: what a relay does. It reads from an end only when all that it read
/// before has gone out at the other end and the circuit's rate allows more, so it holds one reading of each end and drops nothing.
public final class Circuit: Sendable {
    enum Side: Int, Sendable, CaseIterable {
        case first
        case second

        var other: Side { self == .first ? .second : .first }
    }

    private struct End {
        var channel: any Channel
        var isReady = false
        /// Came before both ends were ready.
        var early = ByteBuffer()
        /// Parts that came from here and have not gone out at the other end.
        var passing = 0
        var wantsMore = false
        var isOver = false
    }

    private struct State {
        var flow: CircuitFlow
        var ends: [End]
        var ended: (@Sendable (UInt64) -> Void)?
    }

    private let state: Mutex<State>

    /// Joins two connections: each is sent its greeting, and what follows on either goes to the other.
    ///
    /// - Parameters:
    ///   - bytesPerSecond: both directions together; ``Limits/circuitBurstBytes`` may pass at once.
    ///   - ended: called once when either end is gone, with the bytes that passed.
    @discardableResult
    public static func join(
        _ first: PeerConnection, _ second: PeerConnection, greeting: Message, bytesPerSecond: Double = Limits.circuitBytesPerSecond,
        ended: @escaping @Sendable (UInt64) -> Void
    ) -> Circuit {
        let flow = CircuitFlow(bytesPerSecond: bytesPerSecond, burstBytes: Limits.circuitBurstBytes, at: .loopTime)
        let circuit = Circuit(State(flow: flow, ends: [End(channel: first.channel), End(channel: second.channel)], ended: ended))
        first.enter(circuit, as: .first, after: greeting)
        second.enter(circuit, as: .second, after: greeting)
        return circuit
    }

    private init(_ state: sending State) { self.state = Mutex(state) }

    /// The bytes that passed, and when the last of them did.
    public var traffic: (bytes: UInt64, last: Tick) { state.withLock { ($0.flow.bytes, $0.flow.lastPassed) } }

    /// Closes both ends.
    public func close() {
        for channel in state.withLock({ $0.ends.map(\.channel) }) { channel.close(mode: .all, promise: nil) }
    }

    // MARK: From the ends, each on its own loop

    /// An end no longer talks to the relay; `early` came after its last message.
    func begin(_ side: Side, early: ByteBuffer) {
        let areReady = state.withLock { state in
            state.ends[side.rawValue].isReady = true
            state.ends[side.rawValue].early = early
            return state.ends.allSatisfy(\.isReady)
        }
        guard areReady else { return }
        for side in Side.allCases {
            let early = state.withLock { state in
                defer { state.ends[side.rawValue].early = ByteBuffer() }
                return state.ends[side.rawValue].early
            }
            if early.readableBytes > 0 { received(early, from: side) }
            wantMore(from: side)
        }
    }

    func received(_ part: ByteBuffer, from side: Side) {
        let target = state.withLock { state in
            state.flow.passed(part.readableBytes, at: .loopTime)
            state.ends[side.rawValue].passing += 1
            return state.ends[side.other.rawValue].channel
        }
        target.writeAndFlush(part).whenComplete { result in
            if case .failure = result { return self.close() }
            self.passed(from: side)
        }
    }

    /// One reading is over.
    func wantMore(from side: Side) {
        state.withLock { $0.ends[side.rawValue].wantsMore = true }
        readIfFree(side)
    }

    /// An end is gone: the other one goes too, after what came before.
    func ended(_ side: Side) {
        let (ended, target) = state.withLock { state in
            defer { state.ended = nil }
            state.ends[side.rawValue].isOver = true
            let isDone = state.ends[side.rawValue].passing == 0
            return (state.ended.map { ended in (ended, state.flow.bytes) }, isDone ? state.ends[side.other.rawValue].channel : nil)
        }
        target?.close(mode: .all, promise: nil)
        if let (call, bytes) = ended { call(bytes) }
    }

    private func passed(from side: Side) {
        let doomed: (any Channel)? = state.withLock { state in
            state.ends[side.rawValue].passing -= 1
            let end = state.ends[side.rawValue]
            return end.isOver && end.passing == 0 ? state.ends[side.other.rawValue].channel : nil
        }
        doomed?.close(mode: .all, promise: nil)
        readIfFree(side)
    }

    private func readIfFree(_ side: Side) {
        let now = Tick.loopTime
        let next: (channel: any Channel, at: Tick)? = state.withLock { state in
            let end = state.ends[side.rawValue]
            guard end.wantsMore, end.passing == 0, !end.isOver else { return nil }
            state.ends[side.rawValue].wantsMore = false
            return (end.channel, state.flow.nextRead(at: now))
        }
        guard let next else { return }
        if next.at <= now { return next.channel.read() }
        next.channel.eventLoop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(0, next.at.nanoseconds)))) { next.channel.read() }
    }
}
