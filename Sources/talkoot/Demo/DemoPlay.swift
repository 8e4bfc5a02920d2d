import Glibc
import TalkootCore
import TalkootPeer
import TalkootProtocol

/// What happens in a demonstration, in order.
struct DemoPlay: Sendable {
    /// Where it happens.
    let stage: DemoStage
    /// The package files of the two modules.
    let modules: Modules
    /// Where the picture goes.
    let picture: String

    /// Package files.
    struct Modules: Sendable, Hashable {
        /// That of `primes`.
        var primes: String
        /// That of `mandelbrot`.
        var mandelbrot: String
    }

    /// The volunteers' accounts.
    private static let volunteers = ["ann", "bob", "cleo", "dan"]
    /// How long each step may take.
    private static let patience = Duration.seconds(60)

    /// Raises the network, runs two jobs on it and tells what came out.
    ///
    /// - Throws: ``TalkootError`` when a step fails.
    func perform() async throws(TalkootError) {
        let begin = ContinuousClock.now
        let address = try await startTracker()
        try await startVolunteers(address)
        let count = try await countPrimes(address)
        try await drawPicture(address)
        StandardStream.note("")
        try StandardStream.print("primes below 1e9: \(count)")
        try StandardStream.print("picture: \(picture)")
        let seconds = begin.duration(to: .now)
        StandardStream.note(
            """

            That was a tracker, four volunteers with sandboxed cells and a requester, each a process of its own, in \(Self.text(seconds)) s.
            To go on:
              talkoot run primes limit=1e10          the same here, without a network
              talkoot tracker                        let others find each other at this machine
              talkoot signup NAME --tracker HOST     then `talkoot volunteer` lends a machine,
              talkoot run … --on HOST                and this uses those that are lent
              talkoot module pack Modules/primes     what a module is made of
            """)
    }

    private func startTracker() async throws(TalkootError) -> String {
        StandardStream.note("starting a tracker")
        _ = try stage.start("tracker", ["tracker", "--listen", "127.0.0.1:0", "--password-cost", "14"])
        let address = try await stage.wait(for: "the tracker's address", timeout: Self.patience) { () throws(TalkootError) -> String? in
            let text = stage.output("tracker")
            return text.hasSuffix("\n") ? text.split(separator: "\n").first.map(String.init) : nil
        }
        StandardStream.note("  it is \(address)")
        return address
    }

    /// Accounts for all, then the volunteers; returns when the tracker lists all four as active.
    private func startVolunteers(_ address: String) async throws(TalkootError) {
        StandardStream.note("signing up a requester and four volunteers")
        let secret = "\(stage.directory)/secret"
        var generator = SystemRandomNumberGenerator()
        try FileBytes.replace(secret, with: Array("\(generator.next())-\(generator.next())\n".utf8))
        let stage = stage
        do {
            try await withThrowingTaskGroup { group in
                for name in ["requester"] + Self.volunteers {
                    group.addTask {
                        try await stage.perform(
                            "\(name)-signup", ["signup", name, "--tracker", address, "--password-file", secret], home: name,
                            timeout: Self.patience)
                    }
                }
                try await group.waitForAll()
            }
        } catch {
            throw (error as? TalkootError) ?? TalkootError(.interrupted, "interrupted")
        }
        for name in Self.volunteers {
            _ = try stage.start(name, ["volunteer", "--tracker", address, "--slots", "1", "--listen", "127.0.0.1:0"])
        }
        try await waitUntilListed(address)
        StandardStream.note("  \(Self.volunteers.joined(separator: ", ")) lend a slot each")
    }

    private func waitUntilListed(_ address: String) async throws(TalkootError) {
        let home = try Home(flag: stage.home("requester"))
        let session = try Session.load(home: home)
        let endpoint = try TrackerAddress.endpoint(address, place: address)
        let dialer = try TrackerDialer(home: home)
        do throws(TalkootError) {
            let (client, _) = try await dialer.authenticated(endpoint, session: session)
            _ = try await stage.wait(for: "the volunteers", timeout: Self.patience) { () async throws(TalkootError) -> Bool? in
                try await client.peerList().filter { $0.status == "active" }.count >= Self.volunteers.count ? true : nil
            }
            await client.quit()
        } catch {
            await dialer.close()
            throw error
        }
        await dialer.close()
    }

    private func countPrimes(_ address: String) async throws(TalkootError) -> String {
        StandardStream.note("counting the primes below 1e9 on the four")
        try await stage.perform(
            "primes", ["run", modules.primes, "limit=1e9", "--on", address], home: "requester", isWatched: true, timeout: Self.patience)
        return String(stage.output("primes").prefix { !$0.isNewline })
    }

    private func drawPicture(_ address: String) async throws(TalkootError) {
        StandardStream.note("drawing a picture on the four")
        try await stage.perform(
            "picture", ["run", modules.mandelbrot, "width=1920", "height=1080", "--output", picture, "--on", address], home: "requester",
            isWatched: true, timeout: Self.patience)
    }

    private static func text(_ duration: Duration) -> String {
        ProgressText.fixed(Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18, decimals: 1)
    }
}
