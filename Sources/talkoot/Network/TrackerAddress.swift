import TalkootCore
import TalkootPeer

/// Which tracker a command talks to.
enum TrackerAddress {
    /// The tracker that the flag, the settings or the latest login names.
    ///
    /// - Throws: ``TalkootError`` `usage` when none does or the address makes no sense.
    static func resolve(flag: String?, settings: Settings, session: Session) throws(TalkootError) -> PeerEndpoint {
        if let source = settings.source(.tracker, flag: flag) { return try endpoint(source.text, place: source.place) }
        if let current = session.current { return try endpoint(current, place: current) }
        throw TalkootError(.usage, "no tracker is named", remedy: "give --tracker HOST[:PORT] or log in to one first")
    }

    /// Reads `HOST[:PORT][#PEER-ID]`.
    ///
    /// - Throws: ``TalkootError`` `usage` for anything else.
    static func endpoint(_ text: String, place: String) throws(TalkootError) -> PeerEndpoint {
        if let endpoint = PeerEndpoint(text) { return endpoint }
        throw TalkootError(.usage, "\(place) is no tracker's address", remedy: "write HOST, HOST:PORT or HOST:PORT#tk1…")
    }

    /// `HOST:PORT`, the name under which logins and identities are kept.
    static func key(_ endpoint: PeerEndpoint) -> String { PeerEndpoint(host: endpoint.host, port: endpoint.port).description }
}
