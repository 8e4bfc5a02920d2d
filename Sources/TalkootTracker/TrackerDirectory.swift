import TalkootCore
import TalkootProtocol

/// Who is connected, under which account, and what they said of themselves. Pure: time is an argument, the service acts.
struct TrackerDirectory: Sendable {
    /// One connection of this tracker's life.
    struct ConnectionID: Hashable, Sendable, Comparable {
        let rawValue: UInt64
        static func < (left: ConnectionID, right: ConnectionID) -> Bool { left.rawValue < right.rawValue }
    }

    /// What a peer said of itself when it logged in.
    struct Opening: Hashable, Sendable {
        var account: String
        var peer: PeerID?
        var port: UInt16
        var status: String
        var modules: [String] = []
    }

    private struct Connection: Sendable {
        var address: String
        var isLoopback: Bool
        var saidHello = false
        /// It carries two peers' bytes: nothing more is said on it.
        var isCircuit = false
        var heard: Tick
        var record: PeerRecord?
    }

    private struct Ghost: Sendable {
        var record: PeerRecord
        var ends: Tick
    }

    private let connectionsPerAddress: Int
    private var connections: [ConnectionID: Connection] = [:]
    private var perAddress: [String: Int] = [:]
    private var perAccount: [String: Set<ConnectionID>] = [:]
    private var ghosts: [Ghost] = []
    private var next: UInt64 = 0

    /// Nobody is connected. Connections from one address other than loopback are bounded.
    init(connectionsPerAddress: Int) { self.connectionsPerAddress = connectionsPerAddress }

    /// How many connections there are.
    var connectionCount: Int { connections.count }

    /// How many of them are logged in.
    var sessionCount: Int { perAccount.values.reduce(0) { $0 + $1.count } }

    // MARK: Connections

    /// A connection begins; an error when there are too many.
    mutating func connect(_ address: String, isLoopback: Bool, at now: Tick) -> Result<ConnectionID, TalkootError> {
        guard connections.count < TrackerLimits.connections else {
            return .failure(TalkootError(.tryLater, "the tracker serves \(TrackerLimits.connections) connections already"))
        }
        guard isLoopback || perAddress[address, default: 0] < connectionsPerAddress else {
            return .failure(
                TalkootError(
                    .tryLater, "\(address) has \(connectionsPerAddress) connections here already", remedy: "close some of them first"))
        }
        let id = ConnectionID(rawValue: next)
        next += 1
        connections[id] = Connection(address: address, isLoopback: isLoopback, heard: now)
        perAddress[address, default: 0] += 1
        return .success(id)
    }

    /// The peer gave a sign of life; `saidHello` when it knows more than the original messages.
    mutating func heard(_ id: ConnectionID, saidHello: Bool, at now: Tick) {
        connections[id]?.heard = now
        if saidHello { connections[id]?.saidHello = true }
    }

    /// A connection ended: its peer is listed as offline for a while. Returns what was last known of the peer.
    @discardableResult
    mutating func disconnect(_ id: ConnectionID, at now: Tick) -> PeerRecord? {
        guard let connection = connections.removeValue(forKey: id) else { return nil }
        perAddress[connection.address, default: 1] -= 1
        if perAddress[connection.address] == 0 { perAddress[connection.address] = nil }
        guard let record = connection.record else { return nil }
        perAccount[record.name]?.remove(id)
        if perAccount[record.name]?.isEmpty == true { perAccount[record.name] = nil }
        if record.isListed, ghosts.count < TrackerLimits.connections {
            var offline = record
            offline.status = "offline"
            ghosts.append(Ghost(record: offline, ends: now.advanced(bySeconds: TrackerLimits.ghostSeconds)))
        }
        return record
    }

    /// Forgets those who have been offline long enough; the connections to close since nothing was heard of them for too long.
    mutating func sweep(at now: Tick) -> [ConnectionID] {
        ghosts.removeAll { $0.ends <= now }
        return connections.filter { _, connection in
            if connection.isCircuit { return false }
            let isPlainSession = connection.record != nil && !connection.saidHello
            let patience = isPlainSession ? TrackerLimits.plainSilenceSeconds : TrackerLimits.silenceSeconds
            return now.seconds(since: connection.heard) >= patience
        }.keys.sorted()
    }

    /// The connection carries two peers' bytes from now on.
    mutating func becomeCircuit(_ id: ConnectionID) {
        forgetAccount(of: id)
        connections[id]?.isCircuit = true
    }

    // MARK: Sessions

    /// The connection logged in. Returns older connections of the same peer, to be closed: it dialled again before they ended.
    mutating func open(_ id: ConnectionID, _ opening: Opening) -> Result<[ConnectionID], TalkootError> {
        guard let connection = connections[id] else { return .success([]) }
        forgetAccount(of: id)
        let held = perAccount[opening.account, default: []]
        guard held.count < TrackerLimits.sessionsPerAccount else {
            return .failure(
                TalkootError(.tryLater, "\(opening.account) has \(held.count) sessions already", remedy: "end some of them first"))
        }
        let record = PeerRecord(
            name: opening.account, address: connection.address, port: opening.port, status: Self.status(opening.status) ?? "active",
            peer: opening.peer, modules: Self.kept(opening.modules))
        connections[id]?.record = record
        perAccount[opening.account, default: []].insert(id)
        ghosts.removeAll { record.isSamePlace(as: $0.record) }
        guard record.port != 0 else { return .success([]) }
        return .success(held.filter { connections[$0]?.record.map { record.isSamePlace(as: $0) } ?? false }.sorted())
    }

    /// What is known of a connection's peer; `nil` before it logged in.
    func session(_ id: ConnectionID) -> PeerRecord? { connections[id]?.record }

    /// The connections on which that key is logged in as a peer that others may ask, oldest first. A command that only asks something
    /// may use the same key.
    func sessions(of peer: PeerID) -> [ConnectionID] {
        connections.filter { _, connection in connection.record.map { $0.peer == peer && $0.isListed } ?? false }.keys.sorted()
    }

    /// The tracker tried the peer's port.
    mutating func setReach(_ reach: Reachability, of id: ConnectionID) { connections[id]?.record?.reach = reach }

    /// The peer says how it is. An error when the status is none of the three or nobody is logged in.
    mutating func setStatus(_ status: Message.Status, of id: ConnectionID) -> TalkootError? {
        guard connections[id]?.record != nil else { return Self.notLoggedIn }
        guard let word = Self.status(status.status ?? "") else {
            return TalkootError(.badData, "a status is active, offline or busy, not \(status.status ?? "nothing")")
        }
        connections[id]?.record?.status = word
        if let slots = status.slots { connections[id]?.record?.slots = min(max(slots, 0), 65_536) }
        if let level = status.level { connections[id]?.record?.level = level }
        if let platform = status.platform, platform.utf8.count <= TrackerLimits.nameBytes { connections[id]?.record?.platform = platform }
        return nil
    }

    /// The peer says which modules it holds; those beyond ``TrackerLimits/modulesPerPeer`` are dropped.
    mutating func setModules(_ modules: [String], of id: ConnectionID) -> TalkootError? {
        guard connections[id]?.record != nil else { return Self.notLoggedIn }
        connections[id]?.record?.modules = Self.kept(modules)
        return nil
    }

    /// What the peers of an account say: the best of its sessions, `nil` when none is connected.
    func status(of account: String) -> Message.Status? {
        let records = perAccount[account, default: []].sorted().compactMap { connections[$0]?.record }
        guard let best = records.min(by: { Self.rank($0) < Self.rank($1) }) else { return nil }
        return Self.status(of: best)
    }

    /// What a peer said of itself, as an answer.
    static func status(of record: PeerRecord) -> Message.Status {
        Message.Status(
            name: record.name, status: record.status, slots: record.slots > 0 ? record.slots : nil, level: record.level,
            platform: record.platform.isEmpty ? nil : record.platform)
    }

    /// The peers by name, address and port: those who listen or are not offline, and those who went away just now.
    func peers() -> [PeerRecord] {
        let records = connections.sorted { $0.key > $1.key }.compactMap(\.value.record).filter(\.isListed) + ghosts.map(\.record)
        var seen: Set<PeerPlace> = []
        return records.filter { seen.insert(PeerPlace($0)).inserted }.sorted {
            ($0.name, $0.address, $0.port) < ($1.name, $1.address, $1.port)
        }
    }

    private mutating func forgetAccount(of id: ConnectionID) {
        guard let old = connections[id]?.record?.name else { return }
        perAccount[old]?.remove(id)
        if perAccount[old]?.isEmpty == true { perAccount[old] = nil }
        connections[id]?.record = nil
    }

    /// What is answered to those who are to log in first.
    static let notLoggedIn = TalkootError(.refused, "you are not logged in", remedy: "log in first")

    private static func status(_ word: String) -> String? { ["active", "offline", "busy"].contains(word) ? word : nil }

    private static func rank(_ record: PeerRecord) -> Int {
        (record.status == "active" ? 0 : record.status == "busy" ? 2 : 4) + (record.port == 0 ? 1 : 0)
    }

    private static func kept(_ modules: [String]) -> [String] {
        Array(Set(modules.filter { !$0.isEmpty && $0.utf8.count <= TrackerLimits.nameBytes }).sorted().prefix(TrackerLimits.modulesPerPeer))
    }
}

/// What tells two entries of the peer list apart: a key and port, or an address and port for those without a key.
private struct PeerPlace: Hashable {
    let name: String
    let place: String
    let port: UInt16

    init(_ record: PeerRecord) {
        name = record.name
        place = record.peer?.description ?? record.address
        port = record.port
    }
}

extension PeerRecord {
    /// Whether it belongs on a peer list: a command that only asks something is no peer.
    fileprivate var isListed: Bool { port != 0 || status != "offline" }

    fileprivate func isSamePlace(as other: PeerRecord) -> Bool { PeerPlace(self) == PeerPlace(other) }
}
