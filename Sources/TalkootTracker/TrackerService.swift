public import Logging
import NIOPosix
import Synchronization
public import TalkootCore
public import TalkootPeer
import TalkootProtocol
public import TalkootStore

/// A tracker: accounts, sessions, peers and modules, served on one port. Who listens for whom, and which modules there are; never
/// results, and no code is run here.
///
/// ``TrackerDirectory`` decides, this acts: connections come in as ``TrackerConversation``s, the store and the passwords are
/// worked on in thread pools, and replies go out in the order of the questions.
public final class TrackerService: Sendable {
    /// Figures for an operator.
    public struct Snapshot: Hashable, Sendable {
        /// Open connections.
        public var connections: Int
        /// Those that are logged in.
        public var sessions: Int
        /// Entries of the peer list.
        public var peers: Int
    }

    let configuration: TrackerConfiguration
    let store: any TrackerStore
    let clock: any TrackerClock
    let logger: Logger
    let passwords: PasswordPool
    /// Where the store and files are worked on.
    let files = NIOThreadPool(numberOfThreads: 4)
    let directory: Mutex<TrackerDirectory>
    let throttle = Mutex(LoginThrottle())
    let uploads = Mutex(0)
    /// Who may meet whom through this tracker.
    let relay: Mutex<RelayTable>
    /// The circuits that run, by the connection that joined last.
    let circuits = Mutex<[TrackerDirectory.ConnectionID: Circuit]>([:])
    /// What had passed through them when the relay was measured last.
    let circuitBytes = Mutex<UInt64>(0)
    /// Dials that try whether a peer can be reached.
    let probes = Mutex(0)
    let network: PeerNetwork
    let open = Mutex<[TrackerDirectory.ConnectionID: PeerConnection]>([:])
    private let listening = Mutex<(listener: PeerListener, sweeper: Task<Void, Never>)?>(nil)

    /// A tracker that does not listen yet. Derives one password hash, so it takes as long as `configuration.passwordCost` says.
    ///
    /// - Throws: `.inputOutput` when a hash of that cost cannot be made.
    public init(
        configuration: TrackerConfiguration, network: PeerNetwork, store: any TrackerStore, clock: any TrackerClock = SystemTrackerClock(),
        logger: Logger
    ) throws(TalkootError) {
        self.configuration = configuration
        self.network = network
        self.store = store
        self.clock = clock
        self.logger = logger
        passwords = try PasswordPool(cost: configuration.passwordCost)
        directory = Mutex(TrackerDirectory(connectionsPerAddress: configuration.connectionsPerAddress))
        let capacity = RelayTable.Capacity(
            circuits: configuration.relayCircuits, bytesPerSecond: Double(configuration.relayBytesPerSecond))
        relay = Mutex(RelayTable(capacity: capacity))
        files.start()
    }

    /// Listens, and returns the port. Call it once.
    ///
    /// - Throws: `.cannotCreate` when the address or port cannot be had, `.inputOutput` when the store fails.
    public func start() async throws(TalkootError) -> Int {
        let (store, now) = (store, clock.unixSeconds)
        try await files.run { () throws(TalkootError) in try store.removeExpiredTokens(now: now) }
        // Clear text from elsewhere is heard so that an original client learns in its own words why not: see `faultInTransport`.
        let listener = try await network.listen(host: configuration.host, port: configuration.port, allowClear: .everybody) { _ in
            TrackerConversation(self)
        }
        let sweeper = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(TrackerLimits.sweepSeconds))
                self.sweep()
            }
        }
        listening.withLock { $0 = (listener, sweeper) }
        logger.info("tracker listens", metadata: ["host": "\(configuration.host)", "port": "\(listener.port)"])
        return listener.port
    }

    /// Accepts no more, tells those who are connected, and waits until what is being done is done.
    public func stop() async {
        let (listener, sweeper) = listening.withLock { state in
            defer { state = nil }
            return (state?.listener, state?.sweeper)
        }
        sweeper?.cancel()
        await listener?.close()
        let fault = Message.Fault(TalkootError(.tryLater, "the tracker is stopping", remedy: "connect again in a minute"))
        let connections = open.withLock { Array($0.values) }
        for connection in connections {
            if connection.hello != nil { connection.send(.restart(Self.restartNotice(connections: connections.count))) }
            connection.close(after: fault)
        }
        await passwords.stop()
        try? await files.shutdownGracefully()
    }

    /// When one of so many peers is to come back: spread so that their handshakes take a tenth of what one core can do.
    static func restartNotice(connections: Int) -> Message.RestartNotice {
        let spread = min(TrackerLimits.returnSeconds, 5 + connections / TrackerLimits.returnsPerSecond)
        return Message.RestartNotice(reconnectSeconds: .random(in: 2...spread), trySeconds: TrackerLimits.returnSeconds)
    }

    /// How many are here.
    public var snapshot: Snapshot {
        directory.withLock { Snapshot(connections: $0.connectionCount, sessions: $0.sessionCount, peers: $0.peers().count) }
    }

    /// Closes the connections that gave no sign of life for too long, and forgets who has been away long enough. Called every
    /// ``TrackerLimits/sweepSeconds``.
    func sweep() {
        let silent = directory.withLock { $0.sweep(at: clock.now) }
        close(silent, because: TalkootError(.unreachable, "nothing was heard of you for too long", remedy: "connect again"))
        sweepCircuits()
    }

    // MARK: Connections

    /// A connection begins; an error when there are too many.
    func admit(_ connection: PeerConnection) -> Result<TrackerDirectory.ConnectionID, TalkootError> {
        let remote = connection.remote
        let admission = directory.withLock { $0.connect(remote.address, isLoopback: remote.isLoopback, at: clock.now) }
        switch admission {
        case .success(let id): open.withLock { $0[id] = connection }
        case .failure(let error): logger.warning("connection refused", metadata: ["peer": "\(remote)", "reason": "\(error)"])
        }
        return admission
    }

    /// A connection gave a sign of life.
    func heard(_ id: TrackerDirectory.ConnectionID, saidHello: Bool) {
        directory.withLock { $0.heard(id, saidHello: saidHello, at: clock.now) }
    }

    /// A connection ended.
    func end(_ id: TrackerDirectory.ConnectionID) {
        open.withLock { $0[id] = nil }
        relay.withLock { $0.ended(id) }
        circuits.withLock { _ = $0.removeValue(forKey: id) }
        directory.withLock { _ = $0.disconnect(id, at: clock.now) }
    }

    /// Closes connections with a reason.
    func close(_ ids: [TrackerDirectory.ConnectionID], because error: TalkootError) {
        for id in ids { open.withLock({ $0[id] })?.close(after: Message.Fault(error)) }
    }

    /// Works on the store or a file away from the event loops and the tasks.
    ///
    /// - Throws: what the work throws, which is logged when it is the tracker's own trouble.
    func onFiles<Value: Sendable>(_ work: @escaping @Sendable () throws(TalkootError) -> Value) async throws(TalkootError) -> Value {
        do throws(TalkootError) {
            return try await files.run(work)
        } catch {
            if [.inputOutput, .internalError].contains(error.code) { logger.error("\(error)") }
            throw error
        }
    }
}
