import NIOCore
import TalkootCore
import Testing

@testable import TalkootProtocol

/// Bytes as they really come: cut anywhere, damaged, or lying.
struct ConnectionMachineInputTests {
    /// A transcript of everything in one framing, and how it opens.
    private static func transcript(_ framing: Framing, of types: Set<String>? = nil) throws -> [UInt8] {
        var queue = OutboundQueue(framing: framing)
        if framing == .frames { queue.appendPreface() }
        _ = queue.append(.hello(MachineProbe.hello))
        for message in try Self.messages() where types?.contains(message.typeName) != false {
            _ = queue.append(message)
            if let size = message.bodyBytes { queue.appendBody(ByteBuffer(repeating: UInt8(ascii: "\n"), count: Int(size))) }
        }
        if framing == .frames {
            queue.append(Commit(job: JobID(rawValue: 1), lease: 2, units: 3..<5, resultEnds: [1, 2], bytes: [7, 8]))
            queue.append(Commit(job: JobID(rawValue: 1), lease: 2, unit: 3, failure: .exited(status: 1)))
            queue.append(Chunk(stream: 1, offset: 2, bytes: ByteBuffer(string: "abc"), isLast: false))
            queue.appendPing()
        }
        _ = queue.append(.quit)
        return queue.takeAll().flatMap { Array(buffer: $0) }
    }

    /// A message of each type but `quit`; bodies are of 3 bytes.
    private static func messages() throws -> [Message] {
        var messages: [String: Message] = [:]
        for line in try Golden.lines("original.jsonl") + Golden.lines("messages.jsonl") {
            let message = try Message(line: line)
            messages[message.typeName] = message
        }
        messages["quit"] = nil
        messages["rget"] = .getReply(Message.GetReply("yes", size: 3))
        messages["publish"] = .publish(Message.Publication(moduleName: "primes", size: 3))
        return messages.sorted { $0.key < $1.key }.map(\.value)
    }

    /// What the machine makes of parts, bodies joined.
    private func effects(_ parts: [ArraySlice<UInt8>]) -> [ConnectionMachine.Effect] {
        let machine = MachineProbe(role: .accepting(allowsClear: true))
        var joined: [ConnectionMachine.Effect] = []
        for effect in parts.flatMap({ machine.receive($0) }) {
            if case .deliver(.body(let more, let isLast)) = effect, case .deliver(.body(var body, isLast: false))? = joined.last {
                body.writeImmutableBuffer(more)
                joined[joined.count - 1] = .deliver(.body(body, isLast: isLast))
            } else {
                joined.append(effect)
            }
        }
        return joined
    }

    @Test("However the bytes are cut in two, the same things are understood", arguments: [Framing.lines, .frames])
    func everyBoundary(framing: Framing) throws {
        let bytes = try Self.transcript(framing, of: ["get", "modlist", "publish", "rget", "status"])
        let whole = effects([bytes[...]])
        #expect(whole.count > 9 && whole.contains(.deliver(.message(.quit))))
        for cut in 1..<bytes.count where effects([bytes[..<cut], bytes[cut...]]) != whole { Issue.record("cut at \(cut)") }
    }

    @Test("However the bytes are cut in many, the same things are understood", arguments: [Framing.lines, .frames])
    func randomCuts(framing: Framing) throws {
        let bytes = try Self.transcript(framing)
        let whole = effects([bytes[...]])
        #expect(whole.count > 25)
        #expect(effects(bytes.indices.map { bytes[$0...$0] }) == whole)
        for seed: UInt64 in 0..<50 {
            var random = SeededRandom(seed: seed)
            var parts: [ArraySlice<UInt8>] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...200, using: &random))
                parts.append(bytes[start..<end])
                start = end
            }
            #expect(effects(parts) == whole, "seed \(seed)")
        }
    }

    @Test("10,000 damaged conversations are understood or refused, and nothing comes after the close", arguments: [Framing.lines, .frames])
    func damaged(framing: Framing) throws {
        let seed: UInt64 = 11
        var random = SeededRandom(seed: seed)
        let bytes = Array(try Self.transcript(framing).suffix(700))
        for round in 0..<10_000 {
            let machine = framing == .lines ? MachineProbe.openLines() : MachineProbe.openFrames()
            let start = Int.random(in: 0..<bytes.count - 100, using: &random)
            var effects: [ConnectionMachine.Effect] = []
            for part in [random.mutate(Array(bytes[start...])), random.mutate(Array(bytes.prefix(100)))] {
                effects += machine.receive(part)
            }
            let closes = effects.filter { if case .close = $0 { true } else { false } }
            let isLast = if case .close? = effects.last { true } else { false }
            if closes.count > 1 || (closes.count == 1 && !isLast) { Issue.record("seed \(seed), round \(round): \(effects)") }
        }
    }

    @Test("100,000 random openings are decided")
    func randomOpenings() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<100_000 {
            var bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            if Bool.random(using: &random) { bytes = Preface.magic.prefix(Int.random(in: 1...4, using: &random)) + bytes }
            _ = effects([bytes[...]])
        }
    }

    @Test("A thousand liars that claim 4 GiB get their refusal from the header alone, and nothing is kept for them")
    func liars() {
        var claim = ByteBuffer()
        FrameHeader(payloadBytes: .max, type: FrameType.chunk).write(into: &claim)
        let machines = (0..<1_000).map { _ in
            let machine = MachineProbe.openFrames()
            #expect(machine.receive(claim).closes)
            return machine
        }
        #expect(machines.reduce(0) { $0 + $1.keptBytes } == 0)
    }

    @Test("A thousand peers that claim the largest legal frame and send a little of it cost what they sent")
    func legalClaims() {
        var claim = ByteBuffer()
        FrameHeader(payloadBytes: UInt32(Limits.chunkBytes), type: FrameType.chunk).write(into: &claim)
        claim.writeRepeatingByte(0, count: 100)
        let machines = (0..<1_000).map { _ in
            let machine = MachineProbe.openFrames()
            for part in [claim.getSlice(at: 0, length: 50), claim.getSlice(at: 50, length: 66)] {
                #expect(machine.receive(part ?? ByteBuffer()) == [])
            }
            return machine
        }
        #expect(machines.reduce(0) { $0 + $1.keptBytes } < 1 << 20)
    }
}
