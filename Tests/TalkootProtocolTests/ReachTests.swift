import NIOCore
import TalkootCore
import Testing

@testable import TalkootProtocol

@Suite("Ways between peers")
struct ReachTests {
    private static let lost = TalkootError(.unreachable, "lost")
    private static let late = TalkootError(.unreachable, "late")

    private func plan(listens: Bool = true, hasTracker: Bool = true, _ reachability: Reachability? = nil) -> ReachPlan {
        ReachPlan(listens: listens, hasTracker: hasTracker, reachability: reachability)
    }

    @Test(
        "A peer that may be dialled is dialled first, and the tracker is asked after the head start", arguments: [nil, Reachability.direct])
    func headStart(reachability: Reachability?) {
        var plan = plan(reachability)
        let end = Tick.seconds(10 + ReachPlan.headStartSeconds)
        #expect(plan.start(at: .seconds(10)) == [.attempt(.direct), .wake(at: end)])
        #expect(plan.advance(to: .seconds(10.9)) == [])
        #expect(plan.advance(to: end) == [.attempt(.introduced)])
        #expect(plan.advance(to: .seconds(20)) == [])
    }

    @Test("The tracker is asked at once when the dial fails, and then not again")
    func refusedDial() {
        var plan = plan()
        _ = plan.start(at: .zero)
        #expect(plan.failed(.direct, Self.lost, at: .seconds(0.1)) == [.attempt(.introduced)])
        #expect(plan.advance(to: .seconds(5)) == [])
    }

    @Test("A peer that cannot be dialled is reached through the tracker at once, and dialled when that fails")
    func relayFirst() {
        var plan = plan(.relay)
        #expect(plan.start(at: .zero) == [.attempt(.introduced)])
        #expect(plan.failed(.introduced, Self.lost, at: .seconds(1)) == [.attempt(.direct)])
        let effects = plan.failed(.direct, Self.late, at: .seconds(2))
        #expect(effects == [.fail(TalkootError(.unreachable, "lost; late"))])
    }

    @Test("Without a tracker there is the dial alone, without a port the tracker alone, without both nothing")
    func oneWay() {
        var dial = plan(hasTracker: false, .relay)
        #expect(dial.start(at: .zero) == [.attempt(.direct)])
        #expect(dial.failed(.direct, Self.lost, at: .zero) == [.fail(Self.lost)])
        var tracker = plan(listens: false)
        #expect(tracker.start(at: .zero) == [.attempt(.introduced)])
        var none = plan(listens: false, hasTracker: false)
        guard case .fail? = none.start(at: .zero).first else {
            Issue.record("something was tried")
            return
        }
    }

    @Test("Nothing more is tried once a connection is open, and a way fails once")
    func opened() {
        var plan = plan()
        _ = plan.start(at: .zero)
        plan.opened()
        #expect(plan.failed(.direct, Self.lost, at: .zero) == [])
        #expect(plan.advance(to: .seconds(9)) == [])
        var other = self.plan()
        _ = other.start(at: .zero)
        _ = other.failed(.direct, Self.lost, at: .zero)
        #expect(other.failed(.direct, Self.lost, at: .zero) == [])
    }

    @Test("A circuit passes its burst at once and its rate in the long run, whatever the sizes", arguments: 1...5 as ClosedRange<UInt64>)
    func flow(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var flow = CircuitFlow(bytesPerSecond: 4_194_304, burstBytes: 1_048_576, at: .zero)
        var now = Tick.zero
        while now < .seconds(60) {
            let next = flow.nextRead(at: now)
            now = max(next, now)
            flow.passed(Int.random(in: 1...(64 << 10), using: &random), at: now)
        }
        let allowed: UInt64 = 241 << 20
        let overshoot: UInt64 = 128 << 10
        #expect(flow.bytes <= allowed + overshoot, "seed \(seed)")
        #expect(flow.bytes >= allowed - overshoot, "seed \(seed)")
        #expect(flow.nextRead(at: .seconds(1000)) == .seconds(1000))
    }

    /// Address, port, the tracker's own address, and what is to come of it.
    private static let places = """
        198.51.100.2 7120 203.0.113.1 dialled
        198.51.100.2 80 203.0.113.1 refused
        198.51.100.2 1024 10.0.0.1 dialled
        10.1.2.3 7120 203.0.113.1 refused
        10.1.2.3 7120 192.168.0.1 dialled
        172.16.0.1 7120 203.0.113.1 refused
        172.32.0.1 7120 203.0.113.1 dialled
        192.168.1.1 7120 - refused
        169.254.1.1 7120 203.0.113.1 refused
        100.64.0.1 7120 203.0.113.1 refused
        127.0.0.1 7120 203.0.113.1 refused
        127.0.0.1 7120 10.0.0.1 refused
        127.0.0.1 7120 127.0.0.1 dialled
        10.0.0.1 7120 127.0.0.1 dialled
        0.0.0.0 7120 127.0.0.1 refused
        224.0.0.1 7120 127.0.0.1 refused
        255.255.255.255 7120 127.0.0.1 refused
        ::1 7120 2001:db8::1 refused
        ::1 7120 ::1 dialled
        0:0:0:0:0:0:0:1 7120 2001:db8::1 refused
        ::ffff:127.0.0.1 7120 2001:db8::1 refused
        ::ffff:7f00:1 7120 2001:db8::1 refused
        ::ffff:198.51.100.2 7120 2001:db8::1 dialled
        fe80::1 7120 2001:db8::1 refused
        fd00::1 7120 2001:db8::1 refused
        fd00::1 7120 fd00::2 dialled
        ff02::1 7120 fe80::2 refused
        :: 7120 ::1 refused
        2001:db8::5 7120 2001:db8::1 dialled
        localhost 7120 203.0.113.1 refused
        - 7120 203.0.113.1 refused
        0x7f.1 7120 203.0.113.1 refused
        """

    @Test("Nobody is made to dial a place that only it can reach", arguments: places.split(separator: "\n").map(String.init))
    func dialBack(line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        let fault = DialBack.fault(address: words[0], port: try #require(UInt16(words[1])), witness: words[2])
        #expect((fault == nil) == (words[3] == "dialled"), "\(line): \(fault ?? "")")
    }

    @Test("A circuit's name is 32 hexadecimal digits")
    func circuitNames() {
        var random = SeededRandom(seed: 7)
        let name = CircuitID.random(using: &random)
        #expect(CircuitID(name.description) == name)
        #expect(CircuitID("00112233445566778899AABBCCDDEEFF")?.description == "00112233445566778899aabbccddeeff")
        for wrong in ["", "0011", "00112233445566778899aabbccddeefg", "+0112233445566778899aabbccddeeff", name.description + "0"] {
            #expect(CircuitID(wrong) == nil)
        }
    }

    @Test("Bytes behind the circuit's yes are the two peers' own, and before it no circuit begins")
    func detaching() {
        let hello = Message.Hello(features: Feature.all, agent: "test", platform: "test")
        var machine = ConnectionMachine(role: .dialing(.lines), hello: hello, wantsCircuit: true, at: .zero)
        _ = machine.start(at: .zero)
        let no = #"{"type":"circuit","content":"no","circuit":"00112233445566778899aabbccddeeff"}"# + "\n"
        let yes = #"{"type":"circuit","content":"yes","circuit":"00112233445566778899aabbccddeeff"}"# + "\n"
        guard case .deliver(.message(.circuit))? = machine.receive(ByteBuffer(string: no), at: .zero).first else {
            Issue.record("a no was not told")
            return
        }
        #expect(machine.receive(ByteBuffer(string: yes + "\u{16}rest"), at: .zero) == [.detach(ByteBuffer(string: "\u{16}rest"))])
        #expect(machine.receive(ByteBuffer(string: "more\n"), at: .zero) == [])
        var plain = ConnectionMachine(role: .dialing(.lines), hello: hello, at: .zero)
        _ = plain.start(at: .zero)
        #expect(!plain.receive(ByteBuffer(string: yes), at: .zero).contains(.detach(ByteBuffer())))
    }
}
