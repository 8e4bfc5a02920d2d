import TalkootCore
import TalkootProtocol
import Testing

@testable import TalkootTracker

@Suite("Who may meet whom through a tracker")
struct RelayTableTests {
    private typealias ID = TrackerDirectory.ConnectionID

    private func peer(_ number: Int) -> PeerID {
        PeerID(digest: Digest(bytes: [UInt8](repeating: UInt8(number), count: 32))!)
    }

    private func circuit(_ number: Int) -> CircuitID { CircuitID(String(repeating: "0", count: 28) + String(number + 1000))! }

    private func table(circuits: Int = 100, bytesPerSecond: Double = 1000) -> RelayTable {
        RelayTable(capacity: RelayTable.Capacity(circuits: circuits, bytesPerSecond: bytesPerSecond))
    }

    @Test("Only the invited peer joins, once, and either end's going ends the meeting")
    func meeting() throws {
        var table = table()
        #expect(table.invite(circuit(1), from: peer(1), on: ID(rawValue: 1), to: peer(2), at: .zero) == nil)
        #expect(table.invite(circuit(1), from: peer(3), on: ID(rawValue: 3), to: peer(2), at: .zero)?.code == .refused)
        #expect(table.invite(circuit(2), from: peer(1), on: ID(rawValue: 1), to: peer(2), at: .zero)?.code == .refused)
        #expect(throws: TalkootError.self) { try table.join(circuit(1), by: peer(3), on: ID(rawValue: 3)).get() }
        #expect(throws: TalkootError.self) { try table.join(circuit(1), by: nil, on: ID(rawValue: 3)).get() }
        #expect(try table.join(circuit(1), by: peer(2), on: ID(rawValue: 2)).get() == ID(rawValue: 1))
        #expect(throws: TalkootError.self) { try table.join(circuit(1), by: peer(2), on: ID(rawValue: 4)).get() }
        table.ended(ID(rawValue: 2))
        table.ended(ID(rawValue: 1))
        #expect(table.count == 0)
        #expect(table.invite(circuit(1), from: peer(1), on: ID(rawValue: 1), to: peer(2), at: .zero) == nil)
        table.ended(ID(rawValue: 1))
        #expect(throws: TalkootError.self) { try table.join(circuit(1), by: peer(2), on: ID(rawValue: 2)).get() }
    }

    @Test("An invitation that nobody follows expires, a circuit that runs does not")
    func expiry() throws {
        var table = table()
        _ = table.invite(circuit(1), from: peer(1), on: ID(rawValue: 1), to: peer(2), at: .zero)
        _ = table.invite(circuit(2), from: peer(1), on: ID(rawValue: 2), to: peer(2), at: .seconds(1))
        _ = try table.join(circuit(2), by: peer(2), on: ID(rawValue: 3)).get()
        #expect(table.expire(at: .seconds(Limits.invitationSeconds - 0.001)).isEmpty)
        #expect(table.expire(at: .seconds(100)).map(\.connection) == [ID(rawValue: 1)])
        #expect(table.expire(at: .seconds(100)).isEmpty)
        #expect(table.count == 1)
    }

    @Test("A peer has 8 circuits at most, at either end, and none with itself")
    func perPeer() {
        var table = table()
        for number in 0..<8 {
            #expect(table.invite(circuit(number), from: peer(1), on: ID(rawValue: UInt64(number)), to: peer(10 + number), at: .zero) == nil)
        }
        #expect(table.invite(circuit(8), from: peer(1), on: ID(rawValue: 8), to: peer(20), at: .zero)?.code == .tryLater)
        #expect(table.invite(circuit(8), from: peer(20), on: ID(rawValue: 8), to: peer(1), at: .zero)?.code == .tryLater)
        #expect(table.invite(circuit(8), from: peer(20), on: ID(rawValue: 8), to: peer(20), at: .zero)?.code == .usage)
        #expect(table.invite(circuit(8), from: peer(20), on: ID(rawValue: 8), to: peer(21), at: .zero) == nil)
    }

    @Test("New circuits are refused from 80% of the circuits or of the bytes on")
    func capacity() {
        var table = table(circuits: 10)
        for number in 0..<8 {
            let (caller, callee) = (peer(1 + number), peer(100 + number))
            #expect(table.invite(circuit(number), from: caller, on: ID(rawValue: UInt64(number)), to: callee, at: .zero) == nil)
        }
        #expect(table.invite(circuit(8), from: peer(50), on: ID(rawValue: 8), to: peer(51), at: .zero)?.code == .tryLater)
        table.ended(ID(rawValue: 3))
        table.measured(bytesPerSecond: 799)
        #expect(table.invite(circuit(8), from: peer(50), on: ID(rawValue: 8), to: peer(51), at: .zero) == nil)
        table.ended(ID(rawValue: 8))
        table.measured(bytesPerSecond: 800)
        #expect(table.invite(circuit(8), from: peer(50), on: ID(rawValue: 8), to: peer(51), at: .zero)?.code == .tryLater)
    }

    @Test("A tracker that is no relay introduces and carries nothing")
    func noRelay() {
        var table = table(circuits: 0)
        #expect(table.invite(circuit(1), from: peer(1), on: ID(rawValue: 1), to: peer(2), at: .zero) == nil)
        #expect(throws: TalkootError.self) { try table.join(circuit(1), by: peer(2), on: ID(rawValue: 2)).get() }
    }
}
