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

            WAY says how requesters reach a volunteer: `direct` when the tracker could dial it, `relay` when it sits behind a \
            router or firewall; then it dials back, or the tracker carries the encrypted bytes.
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
        var table = Table("NAME", "STATUS", "ADDRESS", "SLOTS", "LEVEL", "PLATFORM", "WAY", "PEER")
        for peer in peers {
            table.add(
                peer.name, peer.status, peer.port == 0 ? peer.address : "\(peer.address):\(peer.port)", "\(peer.slots)",
                peer.level.map { "\($0)" } ?? "-", peer.platform.isEmpty ? "-" : peer.platform, peer.reach?.rawValue ?? "-",
                peer.peer?.short ?? "-")
        }
        try table.print()
    }
}
