import Logging
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import TalkootStore
import TalkootTracker
import TalkootVolunteer
import Testing

/// A volunteer and a real tracker with its database, in one process.
@Suite("A volunteer and its tracker", .timeLimit(.minutes(2)), .serialized)
struct TrackerListingTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func tracker(_ store: TrackerDatabase, _ network: PeerNetwork, port: Int = 0) throws -> TrackerService {
        try TrackerService(
            configuration: TrackerConfiguration(host: "127.0.0.1", port: port, passwordCost: PasswordCost(logRounds: 4)), network: network,
            store: store, clock: SystemTrackerClock(), logger: quiet)
    }

    /// Another tracker at the same port. A process that is being started by another test may hold a copy of the old socket for a moment.
    private func restarted(_ store: TrackerDatabase, _ network: PeerNetwork, port: Int) async throws -> TrackerService {
        for _ in 0..<200 {
            let service = try tracker(store, network, port: port)
            if (try? await service.start()) != nil { return service }
            await service.stop()
        }
        let service = try tracker(store, network, port: port)
        _ = try await service.start()
        return service
    }

    /// What the tracker says of the volunteer, once it says what is wanted.
    private func record(_ client: TrackerClient, where isWanted: (PeerRecord) -> Bool) async throws -> PeerRecord {
        while true {
            if let record = try await client.peerList().first(where: isWanted) { return record }
            await Task.yield()
        }
    }

    @Test("It is listed with port, slots, level and modules, comes back after the tracker's restart, and leaves as offline")
    func listed() async throws {
        let directory = try TemporaryDirectory()
        let store = try TrackerDatabase(directory: directory.path)
        let modules = try TemporaryDirectory()
        let numbers = try TinyModule.numbers.get()
        _ = try ModuleStore(directory: modules.path).add(path: numbers.package.path)
        let network = PeerNetwork(identity: try PeerIdentity.ephemeral(), logger: quiet)
        let others = PeerNetwork(identity: try PeerIdentity.ephemeral(), logger: quiet)
        var service = try tracker(store, network)
        let port = try await service.start()
        let endpoint = PeerEndpoint(host: "127.0.0.1", port: port)
        var client = try await TrackerClient.connect(to: endpoint, network: others)
        for name in ["vera", "ann"] { try await client.signup(name: name, password: "correct horse") }
        _ = try await client.login(name: "ann", password: "correct horse")
        let volunteering = PeerNetwork(identity: try PeerIdentity.ephemeral(), logger: quiet)
        let volunteer = try Volunteer(
            configuration: VolunteerConfiguration(
                slots: 3, minimumLevel: .filtered,
                trackers: [TrackerLogin(endpoint: endpoint, credential: .password(name: "vera", password: "correct horse"))],
                host: "127.0.0.1"),
            launcher: try Arena.launcher.get(), network: volunteering, store: ModuleStore(directory: modules.path), logger: quiet)
        let own = try await volunteer.start()
        let first = try await record(client) { $0.status == "active" && !$0.modules.isEmpty && $0.slots > 0 }
        #expect(first.name == "vera" && first.port == UInt16(own) && first.slots == 3 && first.modules == ["numbers"])
        #expect(first.peer == volunteering.identity?.id && first.level != nil)

        await client.quit()
        await service.stop()
        service = try await restarted(store, network, port: port)
        client = try await TrackerClient.connect(to: endpoint, network: others)
        _ = try await client.login(name: "ann", password: "correct horse")
        _ = try await record(client) { $0.status == "active" && $0.port == UInt16(own) }

        await volunteer.drain()
        let left = try await client.peerList().filter { $0.name == "vera" && $0.status == "active" }
        #expect(left.isEmpty)
        await client.quit()
        await service.stop()
        for network in [network, others, volunteering] { await network.shutdown() }
    }

    @Test("A tracker that is down keeps nobody from volunteering, and the owner is told")
    func down() async throws {
        try await withKnownDown { volunteer in
            while true {
                if case .away(let error) = volunteer.snapshot.trackers.first?.standing {
                    #expect(error.code == .unreachable)
                    return
                }
                await Task.yield()
            }
        }
    }

    private func withKnownDown(_ body: (Volunteer) async throws -> Void) async throws {
        let modules = try TemporaryDirectory()
        let network = PeerNetwork(identity: try PeerIdentity.ephemeral(), logger: quiet)
        // A port that was free a moment ago.
        let listener = try await network.listen(host: "127.0.0.1", port: 0) { _ in Nobody() }
        let endpoint = PeerEndpoint(host: "127.0.0.1", port: listener.port)
        await listener.close()
        let volunteer = try Volunteer(
            configuration: VolunteerConfiguration(
                minimumLevel: .filtered, trackers: [TrackerLogin(endpoint: endpoint, credential: .token(name: "vera", token: "t"))],
                host: "127.0.0.1"),
            launcher: try Arena.launcher.get(), network: network, store: ModuleStore(directory: modules.path), logger: quiet)
        try await volunteer.start()
        try await body(volunteer)
        await volunteer.drain()
        await network.shutdown()
    }
}

private final class Nobody: PeerHandler {
    func connected(_ connection: PeerConnection) {}
    func receive(_ event: PeerEvent, on connection: PeerConnection) {}
    func closed(_ connection: PeerConnection, error: TalkootError?) {}
}
