import TalkootCore
import TalkootPeer
import TalkootStore
import Testing

@testable import TalkootCoordinator

@Suite("A requester's receipts")
struct ReceiptBookTests {
    private func commit(_ units: Range<UInt64>, _ volunteer: String) -> JournalCommit {
        JournalCommit(
            units: units, resultEnds: units.map { _ in 0 }, bytes: [], volunteer: volunteer, processorMicroseconds: 1)
    }

    @Test("Units that stand are signed for once, however often a job is settled; failed, void and own ones are not")
    func once() throws {
        try TemporaryDirectory.with { directory in
            let digest = try #require(Digest(bytes: [UInt8](repeating: 1, count: 32)))
            let version = try #require(SemanticVersion("1.0.0"))
            var record = JobRecord(
                id: JobID(rawValue: 3), created: 1, module: JobRecord.Module(digest: digest, name: "m", version: version), parameters: [:],
                shape: JobShape(items: 100, itemsPerUnit: 1), seed: 1, mode: .tracker(endpoint: "t"))
            record.unitMicrocredits = 250
            let journal = try JobJournal.create(directory: directory.path + "/job", job: record)
            try journal.append([
                commit(0..<10, "ann"), commit(10..<20, "ann"), commit(20..<30, "bob"), commit(30..<40, "local"), commit(40..<45, "ann"),
            ])
            let book = ReceiptBook(path: directory.path + "/receipts", identity: try PeerIdentity.ephemeral())
            let receipts = try book.settle(record, journal, at: 1_700_000_000)
            #expect(receipts.map(\.volunteer) == ["ann", "bob"])
            #expect(receipts.first?.units == [0..<20, 40..<45])
            #expect(receipts.map(\.microcredits) == [25 * 250, 10 * 250])
            #expect(try book.settle(record, journal, at: 1_700_000_001) == [])
            try journal.append([commit(45..<50, "ann")])
            let later = try book.settle(record, journal, at: 1_700_000_002)
            #expect(later.map(\.units) == [[45..<50]])
            #expect(later.first?.number == 2)
            #expect(later.first?.previous == receipts.first?.digest)
            record.unitMicrocredits = nil
            #expect(try book.settle(record, journal, at: 1_700_000_003) == [])
        }
    }

    @Test("Many scattered runs become several receipts of one chain")
    func scattered() throws {
        try TemporaryDirectory.with { directory in
            let digest = try #require(Digest(bytes: [UInt8](repeating: 1, count: 32)))
            let version = try #require(SemanticVersion("1.0.0"))
            var record = JobRecord(
                id: JobID(rawValue: 4), created: 1, module: JobRecord.Module(digest: digest, name: "m", version: version), parameters: [:],
                shape: JobShape(items: 2_000, itemsPerUnit: 1), seed: 1, mode: .tracker(endpoint: "t"))
            record.unitMicrocredits = 1
            let journal = try JobJournal.create(directory: directory.path + "/job", job: record)
            try journal.append((0..<600).map { commit($0 * 2..<$0 * 2 + 1, "ann") })
            let book = ReceiptBook(path: directory.path + "/receipts", identity: try PeerIdentity.ephemeral())
            let receipts = try book.settle(record, journal, at: 1_700_000_000)
            #expect(receipts.map(\.units.count) == [256, 256, 88])
            #expect(receipts.map(\.number) == [1, 2, 3])
            #expect(receipts.reduce(0) { $0 + $1.microcredits } == 600)
        }
    }
}
