import Logging
import TalkootCore
import TalkootPeer

/// Dials trackers with this installation's identity and holds each to the identity that it showed the first time.
struct TrackerDialer: Sendable {
    /// The home with identity, logins and known trackers.
    let home: Home
    /// The event loops.
    let network: PeerNetwork

    /// Reads or makes the identity and starts the event loops. Call ``close()`` at the end.
    ///
    /// - Throws: ``TalkootError`` when the identity cannot be read or made.
    init(home: Home, logger: Logger = LogOutput.quiet) throws(TalkootError) {
        self.home = home
        network = PeerNetwork(
            identity: try PeerIdentity.loadOrCreate(directory: home.directory), agent: Version.agent, logger: logger)
    }

    /// The endpoint with the identity it must prove: the one given with the address, else the one seen before.
    ///
    /// - Throws: ``TalkootError`` when the file of known trackers cannot be read.
    func pinned(_ endpoint: PeerEndpoint) throws(TalkootError) -> PeerEndpoint {
        guard endpoint.pin == nil else { return endpoint }
        var pinned = endpoint
        pinned.pin = try KnownTrackers(home: home).peer(at: TrackerAddress.key(endpoint))
        return pinned
    }

    /// Connects, and says so when an identity is seen for the first time.
    ///
    /// - Throws: ``TalkootError`` `unreachable` when nobody answers, `refused` when the tracker shows another identity than before.
    func connect(_ endpoint: PeerEndpoint) async throws(TalkootError) -> TrackerClient {
        let key = TrackerAddress.key(endpoint)
        var known = try KnownTrackers(home: home)
        let target = try pinned(endpoint)
        let client: TrackerClient
        do throws(TalkootError) {
            client = try await TrackerClient.connect(to: target, network: network)
        } catch {
            throw explained(error, endpoint: endpoint, key: key, known: known)
        }
        if let peer = client.remote.peer, known.peer(at: key) != peer {
            let isPinned = endpoint.pin != nil
            try known.remember(peer, at: key)
            if !isPinned {
                StandardStream.note("talkoot: first contact with the tracker \(key): its identity \(peer) is trusted from now on")
            }
        }
        return client
    }

    /// Connects and opens a session with the stored login.
    ///
    /// - Throws: ``TalkootError`` `refused` without a login or when the tracker no longer takes it, else as ``connect(_:)``.
    func authenticated(_ endpoint: PeerEndpoint, session: Session) async throws(TalkootError) -> (client: TrackerClient, name: String) {
        let key = TrackerAddress.key(endpoint)
        guard let login = session.logins[key] else { throw Self.notLoggedIn(key) }
        let client = try await connect(endpoint)
        do throws(TalkootError) {
            try await client.authenticate(token: login.token)
        } catch {
            await client.quit()
            guard error.code == .refused else { throw error }
            throw TalkootError(
                .refused, "the tracker \(key) no longer takes the login of \(login.name): \(error.message)",
                remedy: "run `talkoot login \(login.name) --tracker \(key)`")
        }
        return (client, login.name)
    }

    /// There is no login at this tracker.
    static func notLoggedIn(_ key: String) -> TalkootError {
        TalkootError(
            .refused, "not logged in at \(key)", remedy: "run `talkoot login NAME --tracker \(key)`, or `talkoot signup NAME` first")
    }

    /// Stops the event loops.
    func close() async { await network.shutdown() }

    private func explained(_ error: TalkootError, endpoint: PeerEndpoint, key: String, known: KnownTrackers) -> TalkootError {
        switch error.code {
        case .refused where endpoint.pin == nil && known.peer(at: key) != nil:
            TalkootError(
                .refused, "\(error.message), the one it showed before",
                remedy: "ask its operator; if the change is meant, remove the line \(key) from \(known.file)")
        case .unreachable:
            TalkootError(.unreachable, error.message, remedy: "check the address, and that `talkoot tracker` runs there")
        default: error
        }
    }
}
