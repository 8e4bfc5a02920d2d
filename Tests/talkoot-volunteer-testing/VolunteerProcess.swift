import ArgumentParser
import Glibc
import Logging
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootSandbox
import TalkootVolunteer

/// A volunteer as a process of its own that misbehaves on purpose, for tests and benchmarks. It signs up by itself and runs until
/// it is killed.
@main struct VolunteerProcess: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "talkoot-volunteer-testing",
        abstract: "A volunteer that lies, fails or dawdles.",
        discussion: "talkoot-volunteer-testing --tracker 127.0.0.1:7117#tk1… --name lou --home DIR --behave lying:0.3")

    @Option(help: "The tracker, with its identity.") var tracker: String
    @Option(help: "The account, made when there is none of this name.") var name: String
    @Option(help: "Where identity and modules are kept.") var home: String
    @Option(help: "honest, lying:SHARE, slow:FACTOR, failing:SHARE or sleeper:UNITS.") var behave = "honest"
    @Option(help: "What decides which units it concerns.") var seed: UInt64 = 1
    @Option(help: "Cells at once.") var slots = 1

    func run() async throws {
        guard let endpoint = PeerEndpoint(tracker), endpoint.pin != nil else { throw ValidationError("no pinned address: \(tracker)") }
        guard let behaviour = Behaviour(behave) else { throw ValidationError("no behaviour: \(behave)") }
        var logger = Logger(label: "testing") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .info
        let network = PeerNetwork(identity: try PeerIdentity.loadOrCreate(directory: home), logger: logger)
        let password = "correct horse \(name)"
        let client = try await TrackerClient.connect(to: endpoint, network: network)
        try? await client.signup(name: name, password: password)
        guard let token = try await client.login(name: name, password: password) else { throw ValidationError("no token") }
        await client.quit()
        var configuration = VolunteerConfiguration(
            slots: slots, minimumLevel: .filtered,
            trackers: [TrackerLogin(endpoint: endpoint, credential: .token(name: name, token: token))], host: "127.0.0.1")
        let (seed, finished) = (seed, Finished())
        configuration.conduct = { run in
            let before = finished.units.wrappingAdd(UInt64(run.units.count), ordering: .relaxed).oldValue
            return behaviour.conduct(run, seed: seed, before: before)
        }
        let volunteer = try Volunteer(
            configuration: configuration, launcher: try CellLauncher.open(), network: network,
            store: ModuleStore(directory: home + "/modules"), logger: logger)
        try await volunteer.run()
    }
}

/// How many units the cells of this process have finished.
private final class Finished: Sendable {
    let units = Atomic<UInt64>(0)
}
