import ArgumentParser
import Glibc
import Logging
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import TalkootSandbox
import TalkootStore
import TalkootVolunteer

/// `talkoot volunteer`: lends this machine.
struct VolunteerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "volunteer",
        abstract: "Lend this machine: run others' modules in cells that can touch nothing.",
        discussion: """
            talkoot volunteer --tracker tracker.example.org
            talkoot volunteer --slots 2 --memory 256MiB --accept trusted --trust tkp1…
            talkoot volunteer --accept ask --cpu-limit 50%
            talkoot volunteer pause

            Log in first (`talkoot signup` or `talkoot login`), or give --name and --password-file. SIGTERM or Ctrl-C \
            finishes the running units, sends their results and logs out; a second one ends at once.

            `pause` stops the cells of the volunteer that runs with this home within milliseconds, `resume` lets them go \
            on, `status` says what it does.
            """)

    @Argument(help: "What to tell the volunteer that runs with this home; without it one is started.") var order: VolunteerDoor.Order?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "A tracker to be listed at; may be repeated. Without it all that this installation is logged in to.", valueName: "tracker"))
    var tracker: [String] = []
    @Option(name: .long, help: ArgumentHelp("Cells at once; half the processors when left out.", valueName: "n")) var slots: String?
    @Option(name: .long, help: ArgumentHelp("The most memory of one cell (default: 1GiB).", valueName: "size")) var memory: String?
    @Option(
        name: .long,
        help: ArgumentHelp("How much of its processors' time each cell may use (default: 100%).", valueName: "percent"))
    var cpuLimit: String?
    @Option(
        name: .long,
        help: ArgumentHelp("The least confinement level under which anything runs here: 1, 2 or 4 (default: 2).", valueName: "level"))
    var minLevel: String?
    @Option(name: .long, help: ArgumentHelp("Whose modules to run: ask, trusted or any (default: any).", valueName: "policy")) var accept:
        String?
    @Option(name: .long, help: ArgumentHelp("A publisher (tkp1…) or module digest to trust; may be repeated.", valueName: "publisher"))
    var trust: [String] = []
    @Option(name: .long, help: ArgumentHelp("Where to listen for requesters (default: 0.0.0.0:0, any free port).", valueName: "address"))
    var listen: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "How much a second other volunteers of a job may fetch from here; 0 keeps this machine out of it (default: 16MiB).",
            valueName: "size"))
    var share: String?
    @Option(
        name: .long, help: ArgumentHelp("How much disk parts of jobs' inputs may take while they run (default: 4GiB).", valueName: "size"))
    var shareDisk: String?
    @Option(name: .long, help: ArgumentHelp("The account to log in with, together with --password-file.", valueName: "name")) var name:
        String?
    @OptionGroup var password: PasswordOptions
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let home = try home.locate()
        if let order { return try StandardStream.print(VolunteerDoor.tell(order, home: home)) }
        let settings = try await Settings(home: home)
        let session = try Session.load(home: home)
        let launcher = try CellLauncher.open(processorShare: settings.share(.volunteerProcessorShare, flag: cpuLimit) ?? 1)
        let dialer = try TrackerDialer(home: home, logger: LogOutput.logger(level: .info))
        var configuration = try configuration(settings)
        configuration.trusted.formUnion(try TrustFile(home: home).read().map(\.key))
        try Volunteer.check(launcher, for: configuration)
        configuration.capsules = home.capsules
        configuration.receipts = home.receivedReceipts
        configuration.swarm = try allowance(settings, home: home)
        let decisions = DecisionLog(directory: home.directory)
        configuration.decided = { decisions.note(Decision($0, at: WallTime.seconds(), job: $1, $2, remedy: $3)) }
        configuration.trackers = try await logins(settings: settings, session: session, dialer: dialer)
        let volunteer = try Volunteer(
            configuration: configuration, launcher: launcher, network: dialer.network, store: home.moduleStore,
            logger: LogOutput.logger(level: .info), ask: configuration.accept == .ask ? OwnerQuestion.ask : nil)
        let interruption = await Interruption()
        let port = try await volunteer.start()
        let door = try VolunteerDoor(home: home) { order in
            switch order {
            case .pause:
                volunteer.pause()
                decisions.note(
                    Decision(.paused, at: WallTime.seconds(), "paused by its owner", remedy: "`talkoot volunteer resume` lets it work"))
            case .resume:
                volunteer.resume()
                decisions.note(Decision(.resumed, at: WallTime.seconds(), "working again"))
            case .status: break
            }
            return Self.describe(volunteer.snapshot)
        }
        defer { door.close() }
        StandardStream.note(
            "talkoot: lending \(ProgressText.count(configuration.slots, "slot")) at level \(launcher.level) on port \(port); "
                + "Ctrl-C ends after the running units")
        try await interruption.run {
            try await volunteer.run()
        } stop: {
            StandardStream.note("talkoot: finishing the running units; once more to end at once")
            await volunteer.drain()
        }
        await dialer.close()
    }

    /// What a volunteer does, in a line for itself and one for each job.
    private static func describe(_ snapshot: VolunteerSnapshot) -> String {
        let state = snapshot.isPaused ? "paused" : snapshot.status
        let line = "\(state): \(snapshot.busySlots) of \(ProgressText.count(snapshot.slots, "slot")) busy at level \(snapshot.level)"
        let jobs = snapshot.jobs.map {
            "  \($0.summary): \(ProgressText.count(Int(clamping: $0.unitsDone), "unit")) done (\($0.way.rawValue))"
        }
        let trackers = snapshot.trackers.map { "  \($0.endpoint): " + ($0.reach.map(\.description) ?? "\($0.standing)") }
        return ([line] + jobs + trackers).joined(separator: "\n")
    }

    private func configuration(_ settings: Settings) throws(TalkootError) -> VolunteerConfiguration {
        let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let policies = AcceptPolicy.allCases.map { ($0.rawValue, $0) }
        let address = try ListenAddress(
            settings.source(.volunteerListen, flag: listen), standard: ListenAddress(host: "0.0.0.0", port: 0))
        return VolunteerConfiguration(
            slots: try settings.number(.volunteerSlots, flag: slots, in: 1...1024) ?? max(1, processors / 2),
            memoryBytes: try settings.bytes(.volunteerMemory, flag: memory, in: (8 << 20)...(1 << 44)) ?? 1 << 30,
            minimumLevel: try settings.choice(.volunteerMinimumLevel, flag: minLevel, among: JobPlaceOptions.levels) ?? .landlocked,
            accept: try settings.choice(.volunteerAccept, flag: accept, among: policies) ?? .any,
            trusted: Set(settings.list(.volunteerTrust, flags: trust)), host: address.host, port: address.port, agent: Version.agent)
    }

    /// What other volunteers may have from here.
    private func allowance(_ settings: Settings, home: Home) throws(TalkootError) -> SwarmAllowance? {
        let rate = try settings.bytes(.volunteerShare, flag: share, in: 0...(1 << 40)) ?? 16 << 20
        let disk = try settings.bytes(.volunteerShareDisk, flag: shareDisk, in: 0...(1 << 50)) ?? 4 << 30
        guard rate > 0 else { return nil }
        return SwarmAllowance(directory: home.directory + "/swarm", diskBytes: disk, uploadBytesPerSecond: rate)
    }

    /// The logins at all trackers, each with the identity that the tracker must show.
    ///
    /// - Throws: ``TalkootError`` `refused` without a login, and what the trackers answer.
    private func logins(settings: Settings, session: Session, dialer: TrackerDialer) async throws(TalkootError) -> [TrackerLogin] {
        var addresses = settings.list(.volunteerTrackers, flags: tracker)
        if addresses.isEmpty, let single = settings.text(.tracker, flag: nil) { addresses = [single] }
        if addresses.isEmpty { addresses = session.logins.keys.sorted() }
        guard !addresses.isEmpty else {
            throw TalkootError(.usage, "no tracker is named", remedy: "give --tracker HOST[:PORT] or log in to one first")
        }
        let secret: String? =
            if let name { try PasswordPrompt.read(file: password.passwordFile, name: name, isNew: false) } else { nil }
        var logins: [TrackerLogin] = []
        for address in addresses {
            let endpoint = try TrackerAddress.endpoint(address, place: "--tracker \(address)")
            let key = TrackerAddress.key(endpoint)
            let credential: TrackerLogin.Credential
            if let name, let secret {
                let client = try await dialer.connect(endpoint)
                _ = try await client.login(name: name, password: secret)
                await client.quit()
                credential = .password(name: name, password: secret)
            } else if let login = session.logins[key] {
                let (client, _) = try await dialer.authenticated(endpoint, session: session)
                await client.quit()
                credential = .token(name: login.name, token: login.token)
            } else {
                throw TrackerDialer.notLoggedIn(key)
            }
            logins.append(TrackerLogin(endpoint: try dialer.pinned(endpoint), credential: credential))
        }
        return logins
    }
}
