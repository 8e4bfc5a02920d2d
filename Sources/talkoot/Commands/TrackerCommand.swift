import ArgumentParser
import Logging
import TalkootCore
import TalkootPeer
import TalkootStore
import TalkootTracker

/// `talkoot tracker`: where requesters and volunteers find each other.
struct TrackerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tracker",
        abstract: "Be a tracker: accounts, the list of peers, modules.",
        discussion: """
            talkoot tracker
            talkoot tracker --listen 127.0.0.1:7117
            talkoot tracker --store /srv/talkoot

            Prints its address with its identity, HOST:PORT#tk1…, for others to give with --tracker and --on. It needs \
            no trust with results or code. SIGTERM or Ctrl-C stops it; what it holds survives.
            """)

    @Option(name: .long, help: ArgumentHelp("Where to listen (default: 0.0.0.0:7117).", valueName: "address")) var listen: String?
    @Option(name: .long, help: ArgumentHelp("Where accounts and modules are kept; `tracker` in the home when left out.", valueName: "dir"))
    var store: String?
    @Flag(name: .long, help: "Take passwords in clear text from other machines too, as clients of the original protocol send them.")
    var insecureLogins = false
    @Option(
        name: .long,
        help: ArgumentHelp(
            "What a password's hash costs: scrypt with N = 2 to this power and r = 8, 14 (16 MiB) to 20 (1 GiB); default: 17.",
            valueName: "n"))
    var passwordCost: String?
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let home = try home.locate()
        let settings = try await Settings(home: home)
        let address = try ListenAddress(
            settings.source(.trackerListen, flag: listen), standard: ListenAddress(host: "0.0.0.0", port: PeerEndpoint.defaultPort))
        let cost = try settings.number(.trackerPasswordCost, flag: passwordCost, in: 14...PasswordCost.maximumLogRounds) ?? 17
        let logger = LogOutput.logger(level: .info)
        let identity = try PeerIdentity.loadOrCreate(directory: home.directory)
        let network = PeerNetwork(identity: identity, agent: Version.agent, logger: logger)
        let database = try TrackerDatabase(directory: store.map(Home.absolute) ?? home.tracker)
        let service = try TrackerService(
            configuration: TrackerConfiguration(
                host: address.host, port: address.port, allowsInsecureLogins: insecureLogins, passwordCost: PasswordCost(logRounds: cost)),
            network: network, store: database, logger: logger)
        let interruption = await Interruption()
        do {
            let port = try await service.start()
            let place = ListenAddress(host: ListenAddress.name(of: address.host), port: port)
            try StandardStream.print("\(place.description)#\(identity.id)")
            await interruption.wait()
            StandardStream.note("talkoot: stopping")
        } catch {
            await service.stop()
            await network.shutdown()
            throw error
        }
        await service.stop()
        await network.shutdown()
    }
}
