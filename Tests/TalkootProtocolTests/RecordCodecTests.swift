import NIOCore
import TalkootCore
import Testing

@testable import TalkootProtocol

struct RecordCodecTests {
    private let peer = PeerRecord(
        name: "ann", address: "192.0.2.7", port: 7120, status: "active",
        peer: PeerID(digest: Digest(bytes: [UInt8](repeating: 7, count: 32))!),
        slots: 4, level: .full, platform: "x86_64-linux-gnu", modules: ["primes"])

    private let module = ModuleRecord(
        name: "primes", version: SemanticVersion("1.0.0")!, digest: Digest(bytes: [UInt8](repeating: 1, count: 32))!, size: 99,
        publisher: "tkp1x",
        uploader: "ann")

    @Test("In the original form a peer has four fields and a module is its name, once")
    func originalForm() {
        #expect(
            String(buffer: RecordCodec.encode([peer], as: .original))
                == #"[{"uname":"ann","address":"192.0.2.7","port":"7120","status":"active"}]"#)
        #expect(String(buffer: RecordCodec.encode([module, module], as: .original)) == #"["primes"]"#)
        #expect(String(buffer: RecordCodec.encode([ModuleRecord](), as: .original)) == "[]")
    }

    @Test("Records survive the way through their lists")
    func roundTrip() throws {
        let bare = PeerRecord(name: "bob", address: "::1", port: 0, status: "offline")
        #expect(try RecordCodec.decodePeers(RecordCodec.encode([peer, bare], as: .records)) == [peer, bare])
        var yanked = module
        yanked.yanked = "wrong above 2^32"
        #expect(try RecordCodec.decodeModules(RecordCodec.encode([module, yanked], as: .records)) == [module, yanked])
    }

    @Test("The original form of a peer list is read too")
    func readsOriginal() throws {
        let peers = try RecordCodec.decodePeers(RecordCodec.encode([peer], as: .original))
        #expect(peers == [PeerRecord(name: "ann", address: "192.0.2.7", port: 7120, status: "active")])
    }

    @Test("What is no list is refused", arguments: ["", "{}", "[1]", #"[{"address":"a"}]"#, #"[{"uname":"a","peer":"tk1x"}]"#])
    func refused(body: String) {
        #expect(throws: Message.Fault.self) { try RecordCodec.decodePeers(ByteBuffer(string: body)) }
        #expect(throws: Message.Fault.self) { try RecordCodec.decodeModules(ByteBuffer(string: body)) }
    }
}
