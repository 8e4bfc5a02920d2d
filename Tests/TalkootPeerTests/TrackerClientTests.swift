import Foundation
import NIOCore
import Synchronization
import TalkootCore
import TalkootProtocol
import Testing

@testable import TalkootPeer

/// The least tracker: one account, one module, answers from memory.
private final class SmallTracker: PeerHandler {
    static let record = PeerRecord(name: "ann", address: "127.0.0.1", port: 7, status: "active", slots: 2, level: .full)
    private let package = Mutex(ByteBuffer())
    private let status = Mutex("offline")

    func connected(_ connection: PeerConnection) {}
    func closed(_ connection: PeerConnection, error: TalkootError?) {}

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        switch event {
        case .message(.signup(let credentials)):
            connection.send(.signupReply(Message.Reply(credentials.name == "ann" ? "exists" : "yes")))
        case .message(.login(let credentials)):
            let isRight = credentials.password == "right"
            let reply = Message.Reply(isRight ? "yes" : "no", reason: isRight ? nil : "wrong password", token: isRight ? "t0" : nil)
            connection.send(.loginReply(reply))
        case .message(.authenticate(let authentication)):
            connection.send(.loginReply(Message.Reply(authentication.token == "t0" ? "yes" : "no")))
        case .message(.get(let get)): answer(get, connection)
        case .message(.status(let message)):
            if let new = message.status { return status.withLock { $0 = new } }
            connection.send(.status(Message.Status(name: "ann", status: status.withLock(\.self))))
        case .body(let part, let isLast):
            package.withLock { _ = $0.writeImmutableBuffer(part) }
            if isLast { connection.send(.publishReply(Message.Reply("yes"))) }
        case .message(.quit): connection.close()
        default: break
        }
    }

    private func answer(_ get: Message.Get, _ connection: PeerConnection) {
        var body = package.withLock(\.self)
        if get.content == "peerlist" {
            body = RecordCodec.encode([Self.record], as: connection.features.contains(Feature.records) ? .records : .original)
        } else if get.moduleName != "primes" {
            return connection.send(.getReply(Message.GetReply("no")))
        }
        connection.send(.getReply(Message.GetReply("yes", size: UInt64(body.readableBytes))), body: body)
    }
}

@Suite(.timeLimit(.minutes(2)))
struct TrackerClientTests {
    private func withClient(_ body: (TrackerClient, String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "talkoot-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let network = PeerNetwork(identity: try .ephemeral(), logger: TestPeers.logger)
        let tracker = SmallTracker()
        let listener = try await network.listen(host: "127.0.0.1", port: 0) { _ in tracker }
        let client = try await TrackerClient.connect(to: PeerEndpoint(host: "127.0.0.1", port: listener.port), network: network)
        let result: Result<Void, any Error>
        do { result = .success(try await body(client, directory)) } catch { result = .failure(error) }
        await client.quit()
        await network.shutdown()
        try result.get()
    }

    @Test("Accounts: a taken name, a wrong password, a token")
    func accounts() async throws {
        try await withClient { client, _ in
            try await client.signup(name: "bob", password: "x")
            let taken = await #expect(throws: TalkootError.self) { try await client.signup(name: "ann", password: "x") }
            #expect(taken?.code == .refused && taken?.message == "the name ann is taken")
            let wrong = await #expect(throws: TalkootError.self) { try await client.login(name: "ann", password: "left") }
            #expect(wrong?.message == "wrong password")
            #expect(try await client.login(name: "ann", password: "right") == "t0")
            try await client.authenticate(token: "t0", port: 7, status: "active")
        }
    }

    @Test("A peer list comes as records, and a status is set before the call returns")
    func listAndStatus() async throws {
        try await withClient { client, _ in
            #expect(try await client.peerList() == [SmallTracker.record])
            try await client.setStatus(Message.Status(name: "ann", status: "busy"))
            #expect(try await client.status(of: "ann").status == "busy")
            try await client.ping()
        }
    }

    @Test("A package of 20 MB goes up and comes down the same, while other questions wait their turn")
    func packages() async throws {
        try await withClient { client, directory in
            let bytes = Data((0..<20_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            try bytes.write(to: URL(filePath: directory + "/up"))
            async let ping: Void = client.ping()
            try await client.publish(name: "primes", path: directory + "/up")
            try await ping
            async let second: Void = client.ping()
            #expect(try await client.fetchModule("primes", to: directory + "/down") == 20_000_000)
            try await second
            #expect(try Data(contentsOf: URL(filePath: directory + "/down")) == bytes)
        }
    }

    @Test("A module that is not there leaves no file")
    func missingModule() async throws {
        try await withClient { client, directory in
            let error = await #expect(throws: TalkootError.self) { try await client.fetchModule("nope", to: directory + "/x") }
            #expect(error?.code == .notFound)
            let files = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(files == [])
        }
    }

    @Test("Questions after the end of the connection fail at once")
    func afterTheEnd() async throws {
        try await withClient { client, _ in
            await client.quit()
            let error = await #expect(throws: TalkootError.self) { try await client.ping() }
            #expect(error?.code == .unreachable)
        }
    }
}
