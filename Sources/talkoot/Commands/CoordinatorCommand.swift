import ArgumentParser
import Glibc
import Logging
import TalkootCoordinator
import TalkootCore
import TalkootPeer
import TalkootSandbox
import TalkootStore

/// `talkoot coordinator`: works on detached jobs, for as long as it runs and whenever it runs again.
struct CoordinatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract: "Work on detached jobs in the background, one's own and those of others who may.",
        discussion: """
            talkoot coordinator
            talkoot run primes limit=1e12 --detach          in another terminal
            talkoot coordinator --listen 0.0.0.0:7119 --allow tk1…=ann
            talkoot run primes limit=1e12 --detach --at HOST:7119        on ann's machine

            Prints its address with its identity, HOST:PORT#tk1…, for others to give with --at. Jobs run where the \
            tracker of the latest login is, or with --on; without a login here. Its requesters share it by the time their \
            jobs ran. SIGTERM or Ctrl-C stops it; the jobs go on when it is started again, also after a crash.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("Where to listen for requesters (default: a free port of 127.0.0.1).", valueName: "address"))
    var listen: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A requester that may give orders, by its `talkoot identity show`; =NAME is for your memory.", valueName: "peer-id"))
    var allow: [String] = []
    @Option(name: .long, help: ArgumentHelp("How many jobs run at once, 1 to 8 (default: 4).", valueName: "n")) var jobs: String?
    @OptionGroup var place: JobPlaceOptions
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let home = try home.locate()
        let settings = try await Settings(home: home)
        let address = try ListenAddress(
            settings.source(.coordinatorListen, flag: listen), standard: ListenAddress(host: "127.0.0.1", port: 0))
        let allowed = try requesters(settings)
        let seats = try settings.number(.coordinatorJobs, flag: jobs, in: 1...JobSeat.count) ?? 4
        try Home.makeDirectory(home.coordinator)
        let lock = try Self.lock(home)
        defer { withExtendedLifetime(lock) {} }
        let logger = LogOutput.logger(level: .info)
        let dialer = try TrackerDialer(home: home, logger: LogOutput.quiet)
        let context = JobKeeper.Context(
            home: home, settings: settings, launcher: try CellLauncher.open(), dialer: dialer,
            resources: try place.resources(settings: settings), place: place.on, logger: logger)
        let keeper = JobKeeper(context: context, seats: seats)
        let desk = OrderDesk(context: context, keeper: keeper, allowed: allowed)
        let interruption = await Interruption()
        let listener: PeerListener
        do throws(TalkootError) {
            listener = try await dialer.network.listen(
                host: address.host, port: address.port, allowClear: .never, admit: { desk.refusal(of: $0) },
                makeHandler: { remote in
                    OrderSession(requester: remote.peer) { order, session throws(TalkootError) in
                        try await desk.answer(order, session)
                    }
                })
        } catch {
            await dialer.close()
            throw error
        }
        try await keeper.adoptAll()
        let identity = dialer.network.identity.map { "#\($0.id)" } ?? ""
        let own = ListenAddress(host: ListenAddress.own(address.host), port: listener.port)
        try FileBytes.replace(home.coordinator + "/address", with: Array("\(own.description)\(identity)\n".utf8))
        let shown = ListenAddress(host: ListenAddress.name(of: address.host), port: listener.port)
        try StandardStream.print("\(shown.description)\(identity)")
        let counts = await keeper.counts
        StandardStream.note(
            "talkoot: coordinating; \(counts.running) of \(ProgressText.count(counts.running + counts.waiting, "job")) run; Ctrl-C stops"
        )
        await interruption.wait()
        StandardStream.note("talkoot: stopping; the jobs go on when a coordinator starts again")
        await listener.close()
        await keeper.stop()
        unlink(home.coordinator + "/address")
        await dialer.close()
    }

    private static func lock(_ home: Home) throws(TalkootError) -> DirectoryLock {
        do throws(TalkootError) {
            return try DirectoryLock(directory: home.coordinator, what: "the coordinator's place")
        } catch {
            guard error.code == .tryLater else { throw error }
            throw TalkootError(
                .refused, "a coordinator runs with \(home.directory) already: \(error.message)", remedy: "give another --home")
        }
    }

    private func requesters(_ settings: Settings) throws(TalkootError) -> [PeerID: String] {
        var allowed: [PeerID: String] = [:]
        for text in settings.list(.coordinatorAllow, flags: allow) {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard let peer = parts.first.flatMap(PeerID.init) else {
                throw TalkootError(
                    .usage, "--allow \(text) names no peer", remedy: "give what `talkoot identity show` prints on the requester's machine")
            }
            allowed[peer] = parts.count > 1 ? parts[1] : ""
        }
        return allowed
    }
}
