import NIOCore
import TalkootCore
import Testing

@testable import TalkootProtocol

struct CommitCodecTests {
    private static let outcomes: [UnitOutcome] = [
        .failed(message: "no"), .crashed(signal: 11, place: "module.so+0x10"), .forbidden(call: "open", number: 2),
        .forbidden(call: "socket", number: 41, place: "connect_home (module.so+0x1139)"),
        .deadline(seconds: 0.5), .memory(limitBytes: .max), .output(limitBytes: 1), .violated(rule: "order"), .exited(status: -1),
    ]

    /// Sends through a queue and receives through a machine.
    private func transport(_ commits: [Commit]) -> [ConnectionMachine.Effect] {
        var queue = OutboundQueue(framing: .frames)
        for commit in commits { queue.append(commit) }
        let machine = MachineProbe.openFrames()
        return queue.takeAll().flatMap { machine.receive($0) }
    }

    @Test("A commit with results survives the way through a frame")
    func results() {
        let commit = Commit(
            job: JobID(rawValue: 9), lease: .max, units: 5..<8, resultEnds: [0, 2, 3], bytes: Array("abc".utf8), processorMicroseconds: 77)
        #expect(transport([commit]) == [.deliver(.commit(commit))])
    }

    @Test("Each kind of failure survives the way through a frame", arguments: outcomes)
    func failures(outcome: UnitOutcome) {
        let commit = Commit(
            job: JobID(rawValue: 9), lease: 1, unit: .max - 1, failure: outcome, log: Array("info: before\n".utf8), processorMicroseconds: 1
        )
        #expect(transport([commit]) == [.deliver(.commit(commit))])
    }

    @Test("Of a failed unit's log the end goes with the failure, 16 KiB of it")
    func failureLog() {
        let log = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 >> 3) }
        let commit = Commit(job: JobID(rawValue: 9), lease: 1, unit: 3, failure: .exited(status: 1), log: log)
        #expect(Array(commit.bytes.readableBytesView) == log.suffix(Limits.failureLogBytes))
    }

    @Test("A failure's text is cut to 1 KiB")
    func longFailure() {
        let effects = transport([
            Commit(job: JobID(rawValue: 9), lease: 1, unit: 0, failure: .failed(message: String(repeating: "a", count: 5000)))
        ])
        let short = UnitOutcome.failed(message: String(repeating: "a", count: 1024))
        #expect(effects == [.deliver(.commit(Commit(job: JobID(rawValue: 9), lease: 1, unit: 0, failure: short)))])
    }

    @Test("A commit of any size arrives as commits of whole units that add up to it", arguments: [1, 2, 3, 4, 5])
    func split(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let sizes = (0..<60).map { _ in Int.random(in: 0...9, using: &random) == 0 ? Int.random(in: 0...3_000_000, using: &random) : 10 }
        var ends: [Int] = []
        var bytes = ByteBuffer()
        for (unit, size) in sizes.enumerated() {
            bytes.writeRepeatingByte(UInt8(unit), count: size)
            ends.append(bytes.readableBytes)
        }
        let commit = Commit(
            job: JobID(rawValue: 9), lease: 1, units: 50..<110, resultEnds: ends, bytes: bytes,
            processorMicroseconds: 123)
        let received = transport([commit]).map { effect -> Commit? in
            if case .deliver(.commit(let part)) = effect { part } else { nil }
        }
        var next: UInt64 = 50
        var joined = ByteBuffer()
        var joinedEnds: [Int] = []
        for part in received {
            let part = try #require(part)
            #expect(part.units.lowerBound == next && !part.more && part.resultEnds.count == part.units.count)
            next = part.units.upperBound
            joinedEnds += part.resultEnds.map { $0 + joined.readableBytes }
            joined.writeImmutableBuffer(part.bytes)
        }
        #expect(next == 110)
        #expect(joined == bytes)
        #expect(joinedEnds == ends)
        #expect(received.reduce(0) { $0 + ($1?.processorMicroseconds ?? 0) } == 123)
    }

    @Test("A commit of 200,000 empty results is split by the length of its ends")
    func manyEmptyResults() {
        let commit = Commit(
            job: JobID(rawValue: 9), lease: 1, units: 0..<600_000, resultEnds: [Int](repeating: 0, count: 600_000), bytes: ByteBuffer())
        let parts = CommitCodec.split(commit)
        #expect(parts.count == 3)
        #expect(parts.allSatisfy { CommitCodec.fixedBytes + 4 * $0.resultEnds.count <= Limits.commitBytes })
    }

    @Test("A result that grows beyond the limit is refused while it is joined")
    func tooLarge() throws {
        var assembler = CommitAssembler(limitBytes: 100)
        var piece = Commit(job: JobID(rawValue: 9), lease: 1, units: 0..<1, resultEnds: [60], bytes: [UInt8](repeating: 0, count: 60))
        piece.more = true
        let first = try assembler.add(piece)
        #expect(first == nil)
        #expect(throws: Message.Fault.self) { try assembler.add(piece) }
    }

    @Test("A result that goes on is not mixed with another one")
    func mixed() throws {
        var assembler = CommitAssembler()
        var piece = Commit(job: JobID(rawValue: 9), lease: 1, units: 0..<1, resultEnds: [1], bytes: [1])
        piece.more = true
        let first = try assembler.add(piece)
        #expect(first == nil)
        piece.lease = 2
        #expect(throws: Message.Fault.self) { try assembler.add(piece) }
    }

    @Test("100,000 damaged COMMIT payloads are read or refused")
    func damaged() throws {
        let seed: UInt64 = 42
        var random = SeededRandom(seed: seed)
        var buffer = ByteBuffer()
        let good = Commit(job: JobID(rawValue: 9), lease: 1, units: 0..<3, resultEnds: [1, 2, 3], bytes: [1, 2, 3])
        CommitCodec.writeHead(of: good, sequence: 0, into: &buffer)
        var failed = ByteBuffer()
        CommitCodec.writeHead(
            of: Commit(job: JobID(rawValue: 9), lease: 1, unit: 3, failure: .failed(message: "no")), sequence: 0, into: &failed)
        let payloads = [Array(buffer: buffer).dropFirst(16) + [1, 2, 3], Array(buffer: failed).dropFirst(16)].map(Array.init)
        for round in 0..<100_000 {
            let bytes = random.mutate(payloads[round % 2])
            let flags = UInt8.random(in: 0...3, using: &random)
            let header = FrameHeader(payloadBytes: UInt32(bytes.count), type: FrameType.commit, flags: flags)
            guard let commit = try? CommitCodec.decode(header, ByteBuffer(bytes: bytes)) else { continue }
            let fits =
                commit.failure != nil
                || (commit.resultEnds.count == commit.units.count && commit.resultEnds.last == commit.bytes.readableBytes)
            if !fits { Issue.record("seed \(seed), round \(round): \(commit)") }
        }
    }
}
