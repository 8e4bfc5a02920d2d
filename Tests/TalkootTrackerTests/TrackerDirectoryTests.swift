import TalkootCore
import TalkootProtocol
import Testing

@testable import TalkootTracker

@Suite("The directory of a tracker")
struct TrackerDirectoryTests {
    var directory = TrackerDirectory(connectionsPerAddress: 2)
    let key = PeerID(digest: Digest(bytes: [UInt8](repeating: 1, count: 32))!)

    private mutating func login(
        _ name: String, from address: String = "10.0.0.1", peer: PeerID? = nil, port: UInt16 = 7120, status: String = "active",
        at now: Double = 0
    ) throws -> (id: TrackerDirectory.ConnectionID, superseded: [TrackerDirectory.ConnectionID]) {
        let id = try directory.connect(address, isLoopback: false, at: .seconds(now)).get()
        let opening = TrackerDirectory.Opening(account: name, peer: peer, port: port, status: status)
        return (id, try directory.open(id, opening).get())
    }

    @Test("A peer that listens is listed until 30 s after it went, as offline")
    mutating func ghosts() throws {
        let ann = try login("ann").id
        #expect(directory.peers().map(\.status) == ["active"])
        directory.disconnect(ann, at: .seconds(100))
        #expect(directory.peers().map(\.status) == ["offline"])
        #expect(directory.status(of: "ann") == nil)
        #expect(directory.sweep(at: .seconds(129.9)) == [])
        #expect(directory.peers().count == 1)
        _ = directory.sweep(at: .seconds(130))
        #expect(directory.peers().isEmpty)
    }

    @Test("A peer that dials again takes the place of its ghost and of its older connection")
    mutating func reconnect() throws {
        let first = try login("ann", peer: key).id
        let second = try login("ann", peer: key, at: 5)
        #expect(second.superseded == [first])
        #expect(directory.peers().count == 1)
        directory.disconnect(second.id, at: .seconds(6))
        _ = try login("ann", from: "10.0.0.9", peer: key, at: 7)
        #expect(directory.peers().map(\.address).count == 1)
    }

    @Test("A command that only asks is no peer and drives nobody out")
    mutating func commands() throws {
        _ = try login("ann", peer: key)
        let command = try login("ann", peer: key, port: 0, status: "offline")
        #expect(command.superseded.isEmpty)
        #expect(directory.peers().map(\.port) == [7120])
        #expect(directory.status(of: "ann")?.status == "active")
    }

    @Test("Who says nothing for 150 s is gone; an original client's session has half an hour")
    mutating func silence() throws {
        let stranger = try directory.connect("10.0.0.2", isLoopback: false, at: .zero).get()
        let original = try login("ann").id
        let modern = try login("bob", from: "10.0.0.3").id
        directory.heard(modern, saidHello: true, at: .seconds(10))
        #expect(directory.sweep(at: .seconds(149)) == [])
        #expect(directory.sweep(at: .seconds(150)) == [stranger])
        #expect(directory.sweep(at: .seconds(160)) == [stranger, modern])
        #expect(directory.sweep(at: .seconds(1800)).contains(original))
    }

    @Test("Connections from one address are bounded, loopback's are not")
    mutating func perAddress() throws {
        for _ in 0..<2 { _ = try directory.connect("10.0.0.1", isLoopback: false, at: .zero).get() }
        #expect(throws: TalkootError.self) { try directory.connect("10.0.0.1", isLoopback: false, at: .zero).get() }
        let other = try directory.connect("10.0.0.2", isLoopback: false, at: .zero).get()
        directory.disconnect(other, at: .zero)
        for _ in 0..<20 { _ = try directory.connect("127.0.0.1", isLoopback: true, at: .zero).get() }
        #expect(directory.connectionCount == 22)
    }

    @Test("Sessions of an account are bounded")
    mutating func perAccount() throws {
        for index in 0..<TrackerLimits.sessionsPerAccount { _ = try login("ann", from: "10.1.0.\(index)") }
        #expect(throws: TalkootError.self) { try login("ann", from: "10.2.0.1") }
        #expect(directory.sessionCount == TrackerLimits.sessionsPerAccount)
    }

    @Test("Status, slots, level and platform are what the peer says, within bounds")
    mutating func status() throws {
        let stranger = try directory.connect("10.0.0.2", isLoopback: false, at: .zero).get()
        #expect(directory.setStatus(Message.Status(name: "", status: "busy"), of: stranger)?.code == .refused)
        let ann = try login("ann").id
        #expect(directory.setStatus(Message.Status(name: "", status: "asleep"), of: ann)?.code == .badData)
        let said = Message.Status(name: "", status: "busy", slots: 1 << 40, level: .full, platform: String(repeating: "p", count: 65))
        #expect(directory.setStatus(said, of: ann) == nil)
        #expect(directory.status(of: "ann") == Message.Status(name: "ann", status: "busy", slots: 65_536, level: .full))
    }

    @Test("The modules a peer holds are kept sorted, once each, and bounded")
    mutating func modules() throws {
        let ann = try login("ann").id
        #expect(directory.setModules(["primes", "mandelbrot", "primes", "", String(repeating: "x", count: 65)], of: ann) == nil)
        #expect(directory.session(ann)?.modules == ["mandelbrot", "primes"])
        #expect(directory.setModules((0..<1000).map { "m\($0)" }, of: ann) == nil)
        #expect(directory.session(ann)?.modules.count == TrackerLimits.modulesPerPeer)
    }
}
