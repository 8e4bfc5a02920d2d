import Logging
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import TalkootSandbox

/// What all connections of a volunteer share.
final class Agent: Sendable {
    let configuration: VolunteerConfiguration
    let launcher: CellLauncher
    let store: ModuleStore
    let logger: Logger
    let ask: (@Sendable (JobRequestSummary) async -> Bool)?
    let clock = AgentClock()
    let governor: Mutex<Governor>
    let gate: TurnstileGate
    let errands: Errands
    /// The swarms; nil when the owner wants none.
    let hub: SwarmHub?
    /// Where capsules of failed units go.
    let capsules: CapsuleStore?
    private let sessions = Mutex<[ObjectIdentifier: PeerSession]>([:])
    private let onChange = Mutex<(@Sendable () -> Void)?>(nil)

    init(
        configuration: VolunteerConfiguration, launcher: CellLauncher, network: PeerNetwork, store: ModuleStore, logger: Logger,
        ask: (@Sendable (JobRequestSummary) async -> Bool)?
    ) throws(TalkootError) {
        self.configuration = configuration
        self.launcher = launcher
        self.store = store
        self.logger = logger
        self.ask = ask
        governor = Mutex(
            Governor(
                policy: Governor.Policy(
                    accept: configuration.accept, trusted: configuration.trusted, memoryBytes: configuration.memoryBytes,
                    threads: configuration.threads, unitSeconds: configuration.unitSeconds, minimumLevel: configuration.minimumLevel,
                    level: launcher.level)))
        gate = TurnstileGate(permits: configuration.slots)
        capsules = configuration.capsules.map { CapsuleStore(directory: $0, program: configuration.agent) }
        errands = try Errands()
        let now = clock.now()
        hub = try configuration.swarm.map { (allowance) throws(TalkootError) in try SwarmHub(allowance, network: network, at: now) }
    }

    /// The open connections.
    var connections: [PeerSession] { sessions.withLock { Array($0.values) } }

    /// Takes note of a connection.
    ///
    /// - Returns: whether there was room for it.
    func add(_ session: PeerSession) -> Bool {
        sessions.withLock { sessions in
            guard sessions.count < VolunteerLimits.connections else { return false }
            sessions[ObjectIdentifier(session)] = session
            return true
        }
    }

    /// Forgets a connection.
    func remove(_ session: PeerSession) { sessions.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(session)) } }

    /// The connection that holds a seat.
    func session(in seat: Governor.Seat) -> PeerSession? { connections.first { $0.admission?.seat == seat } }

    /// Calls `body` whenever status, slots or modules may have changed.
    func observe(_ body: @escaping @Sendable () -> Void) { onChange.withLock { $0 = body } }

    /// Something changed that trackers are told.
    func changed() { onChange.withLock { $0 }?() }

    /// What a tracker and peers are told.
    var status: Message.Status {
        Message.Status(
            name: "", status: governor.withLock { $0.isDraining ? "offline" : ($0.isOpen ? "active" : "busy") },
            slots: configuration.slots, level: launcher.level, platform: HostPlatform.current.baseline)
    }

    /// What the store knows of a module. Reads the package: not on an event loop.
    func known(_ digest: Digest) -> Governor.KnownModule? {
        guard let package = try? store.package(digest) else { return nil }
        return Governor.KnownModule(
            name: package.manifest.name, version: package.manifest.version.description, publisher: package.publisher)
    }

    /// The modules that lie here. Reads every package: not on an event loop.
    var modules: [ModulePackage] { (try? store.list()) ?? [] }
}
