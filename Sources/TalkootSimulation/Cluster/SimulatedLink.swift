import NIOCore
import TalkootCore
import TalkootProtocol

/// A connection between the coordinator and a volunteer: the two ends' real state machines, and what is on the way between them.
///
/// It is a byte stream, as TCP gives: what is lost is sent again and comes late, nothing overtakes. Bytes come in pieces of any size.
struct SimulatedLink: Sendable {
    /// Which end.
    enum Side: Int, Sendable {
        case coordinator, volunteer

        var other: Side { self == .coordinator ? .volunteer : .coordinator }
    }

    /// What arrives: bytes, or, with nothing, the end of the stream.
    struct Piece: Sendable {
        let at: Double
        let bytes: ByteBuffer?
    }

    struct End: Sendable {
        var machine: ConnectionMachine
        var queue: OutboundQueue?
        var isClosed = false
        /// What is on the way to it.
        var inFlight: [Piece] = []
        var lastArrival = 0.0
    }

    /// Tells links of the same volunteer apart.
    let serial: UInt64
    private var coordinator: End
    private var volunteer: End
    /// The leases that went over it, by their numbers, with their host.
    var leases: [UInt64: UInt64] = [:]
    /// The hosts that its slots are.
    var hosts: [UInt64] = []

    init(serial: UInt64, at now: Tick) {
        self.serial = serial
        let hello = Message.Hello(features: [], agent: "sim", platform: "sim")
        coordinator = End(machine: ConnectionMachine(role: .dialing(.frames), hello: hello, at: now))
        volunteer = End(
            machine: ConnectionMachine(role: .accepting(allowsClear: false), hello: hello, isInsideTLS: true, at: now))
    }

    subscript(side: Side) -> End {
        get { side == .coordinator ? coordinator : volunteer }
        _modify {
            if side == .coordinator { yield &coordinator } else { yield &volunteer }
        }
    }

    var isOver: Bool { coordinator.isClosed && volunteer.isClosed }

    /// Puts what an end has to send on the way, in pieces; gives when they arrive.
    mutating func flush(_ side: Side, at time: Double, network: ClusterPlan.Network, blockedUntil: Double, _ random: inout SimulationRandom)
        -> [Double]
    {
        guard var queue = self[side].queue, !queue.isEmpty else { return [] }
        var arrivals: [Double] = []
        for var bytes in queue.takeAll() {
            queue.sent(bytes.readableBytes)
            while bytes.readableBytes > 0 {
                let count =
                    random.uniform() < network.cutting ? 1 + Int(random.uniform() * Double(bytes.readableBytes)) : bytes.readableBytes
                guard let part = bytes.readSlice(length: min(count, bytes.readableBytes)) else { break }
                arrivals.append(send(part, from: side, at: time, network, blockedUntil, &random))
            }
        }
        self[side].queue = queue
        self[side].machine.noteSent(at: .seconds(time))
        return arrivals
    }

    /// Puts a piece, or the end of the stream, on the way; gives when it arrives.
    mutating func send(
        _ bytes: ByteBuffer?, from side: Side, at time: Double, _ network: ClusterPlan.Network, _ blockedUntil: Double,
        _ random: inout SimulationRandom
    ) -> Double {
        var delay = network.delaySeconds * (0.5 + random.uniform())
        if random.uniform() < network.loss { delay += 0.2 * Double(1 << Int(random.uniform() * 5)) }
        let at = max(max(time, blockedUntil) + delay, self[side.other].lastArrival)
        self[side.other].lastArrival = at
        self[side.other].inFlight.append(Piece(at: at, bytes: bytes))
        return at
    }
}
