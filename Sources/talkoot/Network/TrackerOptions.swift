import ArgumentParser
import TalkootCore
import TalkootPeer

/// `--tracker` and `--home`: for the commands that talk to one tracker.
struct TrackerOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The tracker, HOST[:PORT][#PEER-ID]; without it the setting `tracker` or that of the latest login.", valueName: "tracker"))
    var tracker: String?

    @OptionGroup var home: HomeOptions

    /// Runs `work` as ``TrackerUse/run(home:tracker:work:)`` does.
    ///
    /// - Throws: ``TalkootError`` when the tracker's address, home or identity is not to be had, and what `work` throws.
    func use<Value: Sendable>(_ work: (TrackerUse) async throws(TalkootError) -> Value) async throws(TalkootError) -> Value {
        try await TrackerUse.run(home: try home.locate(), tracker: tracker, work: work)
    }
}

/// What a command needs to talk to one tracker.
struct TrackerUse: Sendable {
    /// The home.
    let home: Home
    /// The logins.
    let session: Session
    /// The tracker's address.
    let endpoint: PeerEndpoint
    /// The dialer.
    let dialer: TrackerDialer

    /// `HOST:PORT`.
    var key: String { TrackerAddress.key(endpoint) }

    /// Runs `work` with the home, the logins, the tracker's address and a dialer, which is closed afterwards.
    ///
    /// - Throws: ``TalkootError`` when one of them is not to be had, and what `work` throws.
    static func run<Value: Sendable>(
        home: Home, tracker: String?, work: (TrackerUse) async throws(TalkootError) -> Value
    ) async throws(TalkootError) -> Value {
        let session = try Session.load(home: home)
        let settings = try await Settings(home: home)
        let endpoint = try TrackerAddress.resolve(flag: tracker, settings: settings, session: session)
        let use = TrackerUse(home: home, session: session, endpoint: endpoint, dialer: try TrackerDialer(home: home))
        do throws(TalkootError) {
            let value = try await work(use)
            await use.dialer.close()
            return value
        } catch {
            await use.dialer.close()
            throw error
        }
    }
}
