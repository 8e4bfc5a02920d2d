import Foundation
import Glibc
import NIOCore
import TalkootCore
import TalkootPeer
import TalkootProtocol
import Testing

@Suite("Receipts")
struct ReceiptTests {
    private let identity: PeerIdentity
    private let digest: Digest

    init() throws {
        identity = try PeerIdentity.ephemeral()
        digest = try #require(Digest(bytes: [UInt8](repeating: 7, count: 32)))
    }

    private func receipt(_ number: UInt64 = 1, after previous: Digest? = nil, to volunteer: String = "ann") throws -> Receipt {
        let start = try #require(ReceiptChain.start)
        let receipt = Receipt(
            issuer: identity.id, key: identity.publicKey, number: number, previous: previous ?? start, volunteer: volunteer,
            job: JobID(rawValue: 5), module: digest, units: [0..<10, 20..<21], microcredits: 11_000, time: 1_700_000_000)
        return try identity.sign(receipt)
    }

    @Test("What is signed holds, and no field can be changed afterwards")
    func seal() throws {
        let good = try receipt()
        #expect(good.isSigned)
        #expect(good.fault == nil)
        let changes: [(inout Receipt) -> Void] = [
            { $0.number = 2 }, { $0.volunteer = "bob" }, { $0.job = JobID(rawValue: 6) }, { $0.units = [0..<11] },
            { $0.microcredits += 1 }, { $0.time += 1 }, { $0.module = $0.previous }, { $0.previous = $0.module },
            { $0.signature[9] ^= 1 }, { $0.signature = [] }, { $0.key = [] }, { $0.key[40] ^= 1 },
        ]
        for (place, change) in changes.enumerated() {
            var bad = good
            change(&bad)
            #expect(!bad.isSigned, "change \(place)")
        }
        var stolen = good
        stolen.key = try PeerIdentity.ephemeral().publicKey
        #expect(!stolen.isSigned)
    }

    @Test("A chain takes each receipt once and in order, and notices what is missing, forked or out of bounds")
    func chain() throws {
        var chain = ReceiptChain()
        let first = try receipt()
        let second = try receipt(2, after: first.digest)
        #expect(chain.take(first) == nil)
        #expect(chain.take(first) == "it comes twice")
        #expect(chain.take(try receipt(3, after: second.digest))?.contains("missing") == true)
        #expect(chain.take(try receipt(2))?.contains("does not go on") == true)
        #expect(chain.take(second) == nil)
        #expect(chain.take(try receipt(1, to: "bob")) == nil)
        #expect(chain.take(try receipt(1))?.contains("there already") == true)
        let (number, previous) = try #require(chain.next(issuer: identity.id, volunteer: "ann"))
        #expect(number == 3 && previous == second.digest)
        var patient = ReceiptChain(allowsGaps: true)
        #expect(patient.take(try receipt(7, after: first.digest)) == nil)
        #expect(patient.missing == 6)
        let wrong: [(inout Receipt) -> Void] = [
            { $0.number = 0 }, { $0.volunteer = "" }, { $0.volunteer = "a\nb" }, { $0.volunteer = String(repeating: "x", count: 201) },
            { $0.units = [] }, { $0.units = [5..<9, 0..<2] }, { $0.units = [0..<5, 5..<6] }, { $0.microcredits = 0 },
            { $0.microcredits = .max }, { $0.time = 0 },
        ]
        for (place, change) in wrong.enumerated() {
            var bad = try receipt(1, to: "cleo")
            change(&bad)
            bad = try identity.sign(bad)
            #expect(chain.take(bad) != nil, "change \(place)")
        }
    }

    @Test("A receipt survives the way through a message; damaged ones are no messages")
    func message() throws {
        let good = try receipt()
        let text = String(buffer: MessageCodec.encode(.receipt(good)))
        #expect(MessageCodec.decode(ByteBuffer(string: text)) == .success(.receipt(good)))
        for units in ["", "5", "5-", "-5", "9-3", "0-18446744073709551615", "+1-2", "0-1,3-4", "0-1  3-4", "a-b"] {
            #expect(Receipt.units(units) == nil, "\(units)")
        }
        #expect(Receipt.units((0..<300).map { "\($0 * 2)-\($0 * 2)" }.joined(separator: " ")) == nil)
        for (from, to) in [("\"key\":\"", "\"key\":\"0"), ("\"units\":\"0-9 20-20\"", "\"units\":7"), ("\"number\":1", "\"number\":-1")] {
            let damaged = text.replacing(from, with: to)
            #expect(damaged != text)
            guard case .failure = MessageCodec.decode(ByteBuffer(string: damaged)) else {
                Issue.record("\(damaged) was taken")
                continue
            }
        }
    }

    @Test("A file keeps receipts; a line that a crash cut short gives way to the next, any other damage is named")
    func file() throws {
        let path = FileManager.default.temporaryDirectory.path + "/talkoot-receipts-\(UUID()).jsonl"
        defer { unlink(path) }
        let file = ReceiptFile(path: path)
        let first = try receipt()
        #expect(try file.read() == [])
        try file.append { old in old.isEmpty ? [first] : [] }
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"type\":\"rec".utf8))
        try handle.close()
        #expect(throws: TalkootError.self) { try file.read() }
        let second = try receipt(2, after: first.digest)
        try file.append { old in old == [first] ? [second] : [] }
        #expect(try file.read() == [first, second])
        let full = ReceiptFile(path: path, limitBytes: 2_000)
        let error = #expect(throws: TalkootError.self) { try full.append { _ in [first, first, first] } }
        #expect(error?.code == .inputOutput)
        #expect(try file.read() == [first, second])
    }
}
