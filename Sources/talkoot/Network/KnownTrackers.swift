import TalkootCore

/// The identities of trackers seen before, one `HOST:PORT tk1…` a line: trust on first use, and a warning when one changes.
struct KnownTrackers: Sendable {
    private let path: String
    private var peers: [String: PeerID] = [:]

    /// The largest file, in bytes.
    static let limitBytes = 1 << 20

    /// Reads the home's file; lines that make no sense are left out.
    ///
    /// - Throws: ``TalkootError`` when the file is there but cannot be read.
    init(home: Home) throws(TalkootError) {
        path = home.knownTrackersFile
        guard FileBytes.exists(path) else { return }
        let text = String(decoding: try FileBytes.read(path, limit: Self.limitBytes), as: UTF8.self)
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let peer = PeerID(String(words[1])) else { continue }
            peers[String(words[0])] = peer
        }
    }

    /// The file.
    var file: String { path }

    /// The identity of the tracker at this address, when it was seen before.
    func peer(at address: String) -> PeerID? { peers[address] }

    /// Remembers the identity of the tracker at this address.
    ///
    /// - Throws: ``TalkootError`` `cannotCreate` or `inputOutput`.
    mutating func remember(_ peer: PeerID, at address: String) throws(TalkootError) {
        peers[address] = peer
        let lines = peers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
        try FileBytes.replace(path, with: Array(lines.joined().utf8))
    }
}
