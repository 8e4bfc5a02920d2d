import NIOCore
import TalkootCore
import Testing

@testable import TalkootProtocol

struct ConnectionMachineTests {
    private static let hello = MachineProbe.hello

    private func accepting(allowsClear: Bool = true) -> MachineProbe { MachineProbe(role: .accepting(allowsClear: allowsClear)) }

    private func bytes(_ append: (inout OutboundQueue) -> Void, framing: Framing = .frames) -> [UInt8] {
        var queue = OutboundQueue(framing: framing)
        append(&queue)
        return queue.takeAll().flatMap { Array(buffer: $0) }
    }

    // MARK: Opening

    @Test("A brace or white space opens lines", arguments: ["{", " ", "\n", "\t", "\r"])
    func opensLines(first: String) {
        let machine = accepting()
        #expect(machine.receive(first) == [.chosen(.lines), .opened])
    }

    @Test("A TLS handshake is handed on whole, and inside the first byte decides again")
    func startsTLS() {
        let machine = accepting(allowsClear: false)
        let handshake = ByteBuffer(bytes: [0x16, 3, 1])
        #expect(machine.receive(handshake) == [.startTLS(handshake)])
        #expect(machine.shakeHands() == [])
        #expect(machine.receive("{") == [.chosen(.lines), .opened])
    }

    @Test("Anything else gets one error line and is closed", arguments: ["GET / HTTP/1.1\r\n", "\u{0}", "a"])
    func unknown(first: String) {
        let machine = accepting()
        let effects = machine.receive(first)
        #expect(effects.count == 2 && effects.fault?.code == "bad-data" && effects.closes)
        #expect(machine.receive("{") == [])
    }

    @Test("Frames in TLS want the protocol's name, lines do not")
    func applicationProtocol() {
        let machine = accepting()
        _ = machine.receive([0x16])
        _ = machine.shakeHands(agreed: false)
        let effects = machine.receive(bytes { $0.appendPreface() })
        #expect(effects.fault != nil)
    }

    @Test("Clear text is refused in the framing of the one who tries it")
    func clearRefused() {
        for opening in [Array("{".utf8), bytes { $0.appendPreface() }] {
            let machine = accepting(allowsClear: false)
            let effects = machine.receive(opening)
            #expect(effects.fault?.code == "refused" && effects.fault?.reason.contains("TLS") == true)
            #expect(effects.closes && !effects.contains(.opened))
        }
    }

    @Test("A peer that is refused after its handshake is told so")
    func refusedAfterHandshake() {
        let machine = accepting()
        _ = machine.receive([0x16])
        let fault = Message.Fault(regarding: "", code: "refused", reason: "banned")
        _ = machine.shakeHands(refusal: fault)
        #expect(machine.receive("{") == [.chosen(.lines), .send(.error(fault)), .close(fault.error)])
    }

    @Test("Another major version is refused with words")
    func otherMajor() {
        let machine = accepting()
        let effects = machine.receive(Preface.magic + [2, 0, 0, 0])
        #expect(effects.fault?.reason.contains("major version 2") == true)
    }

    @Test("Two machines greet each other over frames and agree on who can do what")
    func greeting() {
        let dialer = MachineProbe(role: .dialing(.frames))
        let accepter = accepting()
        #expect(dialer.start() == [.chosen(.frames), .sendPreface, .send(.hello(Self.hello))])
        let opening = bytes {
            $0.appendPreface()
            _ = $0.append(.hello(Self.hello))
        }
        let answer = accepter.receive(opening)
        #expect(answer == [.chosen(.frames), .sendPreface, .greeted(Self.hello), .send(.hello(Self.hello)), .opened])
        #expect(dialer.receive(opening) == [.greeted(Self.hello), .opened])
    }

    @Test("A dialer reads a refusal in frames, in a line, and knows a stranger")
    func dialerIsRefused() {
        func answer(_ bytes: [UInt8]) -> TalkootError? {
            let dialer = MachineProbe(role: .dialing(.frames))
            _ = dialer.start()
            return dialer.receive(bytes).closeError
        }
        let fault = Message.Fault(regarding: "", code: "try-later", reason: "full")
        let framed = bytes {
            $0.appendPreface()
            _ = $0.append(.error(fault))
        }
        #expect(answer(framed) == fault.error)
        #expect(answer(bytes({ _ = $0.append(.error(fault)) }, framing: .lines)) == fault.error)
        #expect(answer(Array("SSH-2.0".utf8))?.code == .unreachable)
    }

    @Test("Nothing but a hello may come first in frames")
    func helloFirst() {
        for first in [bytes { _ = $0.append(.quit) }, bytes { $0.append(Chunk(stream: 0, offset: 0, bytes: ByteBuffer(), isLast: true)) }] {
            let machine = accepting()
            _ = machine.receive(bytes { $0.appendPreface() })
            let effects = machine.receive(first)
            #expect(effects.fault != nil)
            #expect(effects.closes)
        }
    }

    // MARK: Lines

    @Test("A hello in lines is answered and not handed on")
    func helloInLines() {
        let machine = MachineProbe.openLines()
        let effects = machine.receive(bytes({ _ = $0.append(.hello(Self.hello)) }, framing: .lines))
        #expect(effects == [.greeted(Self.hello), .send(.hello(Self.hello))])
    }

    @Test("A message that cannot be understood is answered and the connection stays, up to 32 in a row")
    func faults() {
        let machine = MachineProbe.openLines()
        for round in 1..<Limits.faultsInARow {
            let effects = machine.receive("{\"type\":\"fly\"}\n")
            #expect(effects.count == 1 && effects.fault?.regarding == "fly", "round \(round)")
        }
        #expect(machine.receive("{\"type\":\"quit\"}\n") == [.deliver(.message(.quit)), .pauseReading])
    }

    @Test("A line may end in CR LF, and blank lines mean nothing")
    func lineEnds() {
        let machine = MachineProbe.openLines()
        let effects = machine.receive("\r\n \n{\"type\":\"get\",\"content\":\"modlist\"}\r\n\n")
        #expect(effects == [.deliver(.message(.get(Message.Get("modlist"))))])
    }

    @Test("A line of 64 KiB is read, one byte more closes the connection, newline or not")
    func longLines() {
        func line(_ bytes: Int) -> String { "{\"type\":\"get\",\"content\":\"\(String(repeating: "x", count: bytes - 27))\"}" }
        let machine = MachineProbe.openLines()
        let effects = machine.receive(line(65_536) + "\n")
        #expect(effects.count == 1 && line(65_536).utf8.count == 65_536)
        for end in ["\n", ""] {
            let machine = MachineProbe.openLines()
            let effects = machine.receive(line(65_537) + end)
            #expect(effects.closes)
        }
    }

    @Test("A body follows its message and is counted, also an empty one")
    func bodies() {
        let machine = MachineProbe.openLines()
        let publish = Message.publish(Message.Publication(moduleName: "p", size: 5))
        let text = String(buffer: MessageCodec.encode(publish)) + "\n{\"a\"\n{\"type\":\"publish\",\"modname\":\"q\",\"size\":0}\n"
        #expect(
            machine.receive(text) == [
                .deliver(.message(publish)), .deliver(.body(ByteBuffer(string: "{\"a\"\n"), isLast: true)),
                .deliver(.message(.publish(Message.Publication(moduleName: "q", size: 0)))), .deliver(.body(ByteBuffer(), isLast: true)),
            ])
    }

    @Test("A body beyond 64 MiB is refused when it is announced")
    func hugeBody() {
        let machine = MachineProbe.openLines()
        let effects = machine.receive("{\"type\":\"publish\",\"modname\":\"p\",\"size\":67108865}\n")
        #expect(effects.closes)
    }

    @Test("After a quit or the end of the stream nothing more is read, and replies have 35 s to go out")
    func quit() {
        for ending in [true, false] {
            let machine = MachineProbe.openLines()
            let effects = ending ? machine.ended() : machine.receive("{\"type\":\"quit\"}\n{\"type\":\"get\",\"content\":\"modlist\"}\n")
            #expect(effects == [.deliver(.message(.quit)), .pauseReading])
            #expect(machine.receive("{\"type\":\"quit\"}\n") == [])
            #expect(machine.advance(to: .seconds(34.9)) == [])
            #expect(machine.nextDeadline == .seconds(35))
            #expect(machine.advance(to: .seconds(35)) == [.close(nil)])
        }
    }

    // MARK: Frames

    @Test("A frame of an unknown kind is skipped from 128 on and ends the connection below")
    func unknownFrames() {
        func effects(_ type: UInt8) -> [ConnectionMachine.Effect] {
            let machine = MachineProbe.openFrames()
            var buffer = ByteBuffer()
            FrameHeader(payloadBytes: 3, type: type).write(into: &buffer)
            buffer.writeString("abc")
            FrameHeader(payloadBytes: 0, type: FrameType.ping).write(into: &buffer)
            return machine.receive(buffer)
        }
        #expect(effects(128) == [.sendPong])
        #expect(effects(255) == [.sendPong])
        #expect(effects(127).closes)
        #expect(effects(0).closes)
    }

    @Test("A longer header of a later version is skipped to its end, a shorter one is refused")
    func headerLength() {
        let machine = MachineProbe.openFrames()
        var buffer = ByteBuffer()
        FrameHeader(payloadBytes: 0, type: FrameType.ping, words: 6).write(into: &buffer)
        buffer.writeString("12345678")
        #expect(machine.receive(buffer) == [.sendPong])
        var short = ByteBuffer()
        FrameHeader(payloadBytes: 0, type: FrameType.ping, words: 3).write(into: &short)
        #expect(machine.receive(short).closes)
    }

    @Test("A body in frames arrives as in lines, and more of it than was announced ends the connection")
    func bodyFrames() {
        let machine = MachineProbe.openFrames()
        let reply = Message.getReply(Message.GetReply("yes", size: 3))
        let effects = machine.receive(
            ByteBuffer(
                bytes: bytes {
                    _ = $0.append(reply)
                    $0.appendBody(ByteBuffer(string: "ab"))
                    $0.appendBody(ByteBuffer(string: "c"))
                    $0.appendBody(ByteBuffer(string: "d"))
                }))
        #expect(
            Array(effects.prefix(3)) == [
                .deliver(.message(reply)), .deliver(.body(ByteBuffer(string: "ab"), isLast: false)),
                .deliver(.body(ByteBuffer(string: "c"), isLast: true)),
            ])
        #expect(effects.closes)
    }

    @Test("A connection that ends within a message says so, one that ends between messages does not")
    func ends() {
        let machine = MachineProbe.openFrames()
        #expect(machine.ended() == [.close(nil)])
        let broken = MachineProbe.openFrames()
        _ = broken.receive([0, 0, 0])
        #expect(broken.ended().closeError?.code == .unreachable)
    }
}
