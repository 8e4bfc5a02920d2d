import TalkootCore
import TalkootProtocol

/// Who may meet whom through this tracker: invitations that wait and circuits that run. Pure: time is an argument.
///
/// ```
/// invited -> running -> gone
///        \-> gone (declined, expired, dialled back)
/// ```
struct RelayTable: Sendable {
    typealias ConnectionID = TrackerDirectory.ConnectionID

    /// How much a tracker carries for others.
    struct Capacity: Hashable, Sendable {
        /// Circuits at once; 0 carries nothing, and peers can only dial back.
        var circuits: Int
        /// Bytes a second, all circuits together.
        var bytesPerSecond: Double
    }

    private struct Meeting: Sendable {
        var caller: PeerID
        var callerConnection: ConnectionID
        var callee: PeerID
        var ends: Tick?
        var calleeConnection: ConnectionID?
    }

    /// New circuits are refused from this part of the capacity on, so that those that run keep their rate.
    static let fullPart = 0.8

    private let capacity: Capacity
    private var meetings: [CircuitID: Meeting] = [:]
    private var byConnection: [ConnectionID: CircuitID] = [:]
    private var bytesPerSecond = 0.0

    init(capacity: Capacity) { self.capacity = capacity }

    /// Invitations and circuits.
    var count: Int { meetings.count }

    /// Whether the relay carries anything.
    var isRelay: Bool { capacity.circuits > 0 }

    /// How many bytes a second went through lately: measured by the service.
    mutating func measured(bytesPerSecond: Double) { self.bytesPerSecond = bytesPerSecond }

    /// Somebody wants to reach somebody; an error when that cannot be.
    mutating func invite(
        _ circuit: CircuitID, from caller: PeerID, on connection: ConnectionID, to callee: PeerID, at now: Tick
    ) -> TalkootError? {
        guard caller != callee else { return TalkootError(.usage, "that is you yourself") }
        guard meetings[circuit] == nil, byConnection[connection] == nil else {
            return TalkootError(.refused, "this circuit is there already", remedy: "choose another name for each")
        }
        for (peer, words) in [(caller, "you have"), (callee, "the peer has")] where held(by: peer) >= Limits.circuitsPerPeer {
            return TalkootError(.tryLater, "\(words) \(Limits.circuitsPerPeer) circuits through this tracker already")
        }
        if isRelay, isFull {
            return TalkootError(.tryLater, "the relay is at 80% of its capacity", remedy: "try again in some minutes, or another tracker")
        }
        let ends = now.advanced(bySeconds: Limits.invitationSeconds)
        meetings[circuit] = Meeting(caller: caller, callerConnection: connection, callee: callee, ends: ends)
        byConnection[connection] = circuit
        return nil
    }

    /// The invited peer came: the caller's connection, to be joined with this one.
    mutating func join(_ circuit: CircuitID, by callee: PeerID?, on connection: ConnectionID) -> Result<ConnectionID, TalkootError> {
        guard let meeting = meetings[circuit], meeting.callee == callee, meeting.calleeConnection == nil,
            byConnection[connection] == nil
        else { return .failure(TalkootError(.notFound, "nobody waits for you there", remedy: "it may have been too late")) }
        guard isRelay else { return .failure(TalkootError(.refused, "this tracker is no relay")) }
        meetings[circuit]?.ends = nil
        meetings[circuit]?.calleeConnection = connection
        byConnection[connection] = circuit
        return .success(meeting.callerConnection)
    }

    /// A connection is gone, and with it its meeting.
    mutating func ended(_ connection: ConnectionID) {
        guard let circuit = byConnection[connection], let meeting = meetings.removeValue(forKey: circuit) else { return }
        byConnection[meeting.callerConnection] = nil
        if let callee = meeting.calleeConnection { byConnection[callee] = nil }
    }

    /// The invitations that nobody followed in time: who is to be told.
    mutating func expire(at now: Tick) -> [(connection: ConnectionID, circuit: CircuitID)] {
        let late = meetings.filter { $0.value.ends.map { $0 <= now } ?? false }
        for (circuit, meeting) in late {
            meetings[circuit] = nil
            byConnection[meeting.callerConnection] = nil
        }
        return late.map { ($0.value.callerConnection, $0.key) }.sorted { $0.0 < $1.0 }
    }

    private var isFull: Bool {
        Double(meetings.count) >= Self.fullPart * Double(capacity.circuits) || bytesPerSecond >= Self.fullPart * capacity.bytesPerSecond
    }

    private func held(by peer: PeerID) -> Int { meetings.values.count { $0.caller == peer || $0.callee == peer } }
}
