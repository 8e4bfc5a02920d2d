import Foundation
import Glibc
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import TalkootStore
import Testing

@testable import TalkootTracker

@Suite("The tracker over TLS")
struct TrackerServiceTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func client(_ tracker: RunningTracker) async throws -> TrackerClient {
        try await TrackerClient.connect(to: tracker.endpoint, network: tracker.network)
    }

    private func code(_ body: () async throws -> Void) async -> TalkootError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? TalkootError
        }
    }

    @Test("Accounts and tokens survive a restart of the tracker, sessions do not")
    func restart() async throws {
        var token: String?
        try await withTracker(scratch("tracker")) { tracker in
            let ann = try await client(tracker)
            try await ann.signup(name: "ann", password: "secret")
            token = try await ann.login(name: "ann", password: "secret", port: 7120, status: "active")
            try await ann.announce(modules: ["primes"])
            await ann.quit()
        }
        try await withTracker(scratch("tracker")) { tracker in
            let ann = try await client(tracker)
            #expect(await code { _ = try await ann.peerList() }?.code == .refused)
            #expect(await code { try await ann.signup(name: "ann", password: "x") }?.code == .refused)
            #expect(await code { _ = try await ann.login(name: "ann", password: "wrong") }?.code == .refused)
            _ = try await ann.login(name: "ann", password: "secret", port: 7120, status: "active")
            #expect(try await ann.peerList().map(\.modules) == [["primes"]], "what a peer held is remembered")
            await ann.quit()
        }
        #expect(token?.utf8.count == 64)
    }

    @Test("A token opens a session for the peer it was given to, until it expires")
    func tokens() async throws {
        try await withTracker(scratch("tracker")) { tracker in
            let ann = try await client(tracker)
            try await ann.signup(name: "ann", password: "secret")
            let token = try #require(try await ann.login(name: "ann", password: "secret"))
            let again = try await client(tracker)
            try await again.authenticate(token: token, port: 7120, status: "active")
            try await again.setStatus(Message.Status(name: "", status: "busy", slots: 3, level: .full, platform: "x86_64-linux-gnu"))
            let record = try #require(try await ann.peerList().first)
            #expect(record.status == "busy" && record.slots == 3 && record.level == .full && record.peer == tracker.network.identity?.id)
            let thief = PeerNetwork(identity: try PeerIdentity.ephemeral(), logger: tracker.service.logger)
            let stolen = try await TrackerClient.connect(to: tracker.endpoint, network: thief)
            #expect(await code { try await stolen.authenticate(token: token) }?.code == .refused)
            #expect(await code { try await stolen.authenticate(token: "nonsense") }?.code == .refused)
            await stolen.quit()
            await thief.shutdown()
            tracker.clock.advance(Double(TrackerLimits.tokenSeconds) + 1)
            #expect(await code { try await again.authenticate(token: token) }?.code == .refused)
            await again.quit()
            await ann.quit()
        }
    }

    @Test("Five wrong passwords in a minute lock the account for the rest of it")
    func throttled() async throws {
        try await withTracker(scratch("tracker")) { tracker in
            let ann = try await client(tracker)
            try await ann.signup(name: "ann", password: "secret")
            for _ in 0..<5 { #expect(await code { _ = try await ann.login(name: "ann", password: "wrong") }?.code == .refused) }
            let locked = await code { _ = try await ann.login(name: "ann", password: "secret") }
            #expect(locked?.description.contains("wait 60 s") == true)
            tracker.clock.advance(61)
            _ = try await ann.login(name: "ann", password: "secret")
            await ann.quit()
        }
    }

    @Test("A module that goes up comes down with the same bytes")
    func upAndDown() async throws {
        let package = try await SamplePackage.make(scratch)
        try await withTracker(scratch("tracker")) { tracker in
            let ann = try await client(tracker)
            try await ann.signup(name: "ann", password: "secret")
            #expect(await code { try await ann.publish(name: "trivial", path: package.path) }?.code == .refused)
            _ = try await ann.login(name: "ann", password: "secret")
            try await ann.publish(name: "trivial", path: package.path)
            try await ann.publish(name: "trivial", path: package.path)
            let listed = try await ann.moduleList()
            #expect(listed.map(\.name) == ["trivial"] && listed[0].digest == package.digest && listed[0].uploader == "ann")
            for reference in ["trivial", "trivial@1.0.0", package.digest.description] {
                let copy = scratch("copy-\(reference)")
                #expect(try await ann.fetchModule(reference, to: copy) == UInt64(package.fileBytes))
                #expect(FileManager.default.contentsEqual(atPath: copy, andPath: package.path))
                #expect(try ModulePackage.read(path: copy).digest == package.digest)
            }
            #expect(await code { _ = try await ann.fetchModule("nothing", to: scratch("none")) } != nil)
            await ann.quit()
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("tracker/modules")) == ["\(package.digest).talkoot"])
    }

    @Test("A corrupt package, one under another name, and another's name are refused and leave nothing")
    func badPackages() async throws {
        let package = try await SamplePackage.make(scratch)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: package.path))
        bytes[bytes.count / 2] ^= 1
        let corrupt = scratch("corrupt.talkoot")
        try bytes.write(to: URL(fileURLWithPath: corrupt))
        let next = try await SamplePackage.make(scratch, version: "1.1.0")
        try await withTracker(scratch("tracker")) { tracker in
            let (ann, bob) = (try await client(tracker), try await client(tracker))
            for (peer, name) in [(ann, "ann"), (bob, "bob")] {
                try await peer.signup(name: name, password: "secret")
                _ = try await peer.login(name: name, password: "secret")
            }
            #expect(await code { try await ann.publish(name: "trivial", path: corrupt) }?.code == .refused)
            #expect(await code { try await ann.publish(name: "other", path: package.path) }?.code == .refused)
            #expect(try await ann.moduleList().isEmpty)
            try await ann.publish(name: "trivial", path: package.path)
            #expect(await code { try await bob.publish(name: "trivial", path: next.path) }?.description.contains("belongs to ann") == true)
            try await ann.publish(name: "trivial", path: next.path)
            #expect(try await bob.moduleList().map(\.version.description) == ["1.1.0", "1.0.0"])
            await ann.quit()
            await bob.quit()
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("tracker/modules")).count == 2)
    }

    @Test("A version that its publisher yanked is passed over, refused with the reason and given by digest; others may not yank it")
    func yanking() async throws {
        let one = try await SamplePackage.make(scratch)
        let two = try await SamplePackage.make(scratch, version: "1.1.0")
        let version = two.manifest.version
        try await withTracker(scratch("tracker")) { tracker in
            let (ann, bob) = (try await client(tracker), try await client(tracker))
            #expect(
                await code { try await ann.yank(name: "trivial", version: version, reason: "x") }?.description.contains("log in") == true)
            for (peer, name) in [(ann, "ann"), (bob, "bob")] {
                try await peer.signup(name: name, password: "secret")
                _ = try await peer.login(name: name, password: "secret")
            }
            for package in [one, two] { try await ann.publish(name: "trivial", path: package.path) }
            let theft = await code { try await bob.yank(name: "trivial", version: version, reason: "mine now") }
            #expect(theft?.description.contains("belongs to ann") == true)
            #expect(await code { try await ann.yank(name: "trivial", version: version, reason: "") }?.code == .refused)
            try await ann.yank(name: "trivial", version: version, reason: "wrong above 2^32")

            #expect(try await bob.moduleList().map(\.yanked) == ["wrong above 2^32", nil])
            #expect(try await bob.fetchModule("trivial", to: scratch("newest")) == UInt64(one.fileBytes))
            #expect(try ModulePackage.read(path: scratch("newest")).digest == one.digest)
            let refused = await code { _ = try await bob.fetchModule("trivial@1.1.0", to: scratch("refused")) }
            #expect(refused?.description.contains("yanked by ann: wrong above 2^32") == true, "\(String(describing: refused))")
            #expect(!FileManager.default.fileExists(atPath: scratch("refused")))
            _ = try await bob.fetchModule(two.digest.description, to: scratch("by-digest"))
            #expect(try ModulePackage.read(path: scratch("by-digest")).digest == two.digest)

            let again = await code { try await ann.publish(name: "trivial", path: two.path) }
            #expect(again?.description.contains("was yanked here (wrong above 2^32)") == true)
            try await ann.yank(name: "trivial", version: version, reason: nil)
            _ = try await bob.fetchModule("trivial@1.1.0", to: scratch("back"))

            for (pattern, publisher, count) in [
                ("triv", nil, 2), ("trivial@1.0*", nil, 1), ("other", nil, 0), ("", "ann", 2), ("", "bob", 0),
            ] as [(String, String?, Int)] {
                #expect(try await bob.moduleList(matching: ModulePattern(pattern), by: publisher).count == count, "\(pattern)")
            }
            await ann.quit()
            await bob.quit()
        }
    }

    @Test("A silent peer's connection is closed after 150 s")
    func silence() async throws {
        try await withTracker(scratch("tracker")) { tracker in
            let ann = try await client(tracker)
            tracker.clock.advance(151)
            tracker.service.sweep()
            #expect(await code { _ = try await ann.moduleList() }?.code == .unreachable)
        }
    }
}
