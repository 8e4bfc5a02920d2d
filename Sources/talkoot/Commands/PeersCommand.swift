import ArgumentParser
import TalkootCore
import TalkootPeer
import TalkootProtocol

/// `talkoot peers`: who is at the tracker.
struct PeersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "List the peers that a tracker knows.",
        discussion: """
            talkoot peers --tracker tracker.example.org
            talkoot peers --json
            """)

    @OptionGroup var output: OutputOptions
    @OptionGroup var tracker: TrackerOptions

    func run() async throws {
        let peers = try await tracker.use { (use) async throws(TalkootError) -> [PeerRecord] in
            let (client, _) = try await use.dialer.authenticated(use.endpoint, session: use.session)
            let peers = try await client.peerList()
            await client.quit()
            return peers
        }
        if output.json { return try JSONText.print(peers) }
        var table = Table("NAME", "STATUS", "ADDRESS", "SLOTS", "LEVEL", "PLATFORM", "PEER")
        for peer in peers {
            table.add(
                peer.name, peer.status, peer.port == 0 ? peer.address : "\(peer.address):\(peer.port)", "\(peer.slots)",
                peer.level.map { "\($0)" } ?? "-", peer.platform.isEmpty ? "-" : peer.platform, peer.peer?.short ?? "-")
        }
        try table.print()
    }
}
