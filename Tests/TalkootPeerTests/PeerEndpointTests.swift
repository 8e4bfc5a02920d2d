import TalkootCore
import Testing

@testable import TalkootPeer

struct PeerEndpointTests {
    @Test(
        "Host, port and pin are read",
        arguments: [
            ("tracker.example", "tracker.example", 7117), ("tracker.example:80", "tracker.example", 80), ("192.0.2.1", "192.0.2.1", 7117),
            ("[::1]", "::1", 7117), ("[::1]:9", "::1", 9), ("fe80::1%eth0", "fe80::1%eth0", 7117),
        ] as [(String, String, Int)])
    func reads(text: String, host: String, port: Int) throws {
        #expect(PeerEndpoint(text) == PeerEndpoint(host: host, port: port))
        let peer = PeerID(digest: try #require(Digest(bytes: [UInt8](repeating: 9, count: 32))))
        let pinned = try #require(PeerEndpoint("\(text)#\(peer)"))
        #expect(pinned == PeerEndpoint(host: host, port: port, pin: peer))
        #expect(PeerEndpoint(pinned.description) == pinned)
    }

    @Test(
        "What is no endpoint is refused",
        arguments: ["", ":7117", "a:", "a:0", "a:65536", "a:x", "a:+7", "a b", "a#", "a#tk1", "[a]", "[::1", "[::1]x", "a/b", "http://a"])
    func refuses(text: String) { #expect(PeerEndpoint(text) == nil) }
}
