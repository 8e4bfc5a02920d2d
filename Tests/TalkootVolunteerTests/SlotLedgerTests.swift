import TalkootCore
import Testing

@testable import TalkootVolunteer

@Suite("A slot's ledger")
struct SlotLedgerTests {
    private func lease(_ id: UInt64, _ units: Range<UInt64>) -> SlotLedger.Lease {
        SlotLedger.Lease(id: id, units: units, firstUnit: units.lowerBound, input: 0..<0)
    }

    private func running(_ units: Range<UInt64> = 0..<100) -> SlotLedger {
        var ledger = SlotLedger()
        #expect(ledger.enqueue(lease(1, units)) == true)
        #expect(ledger.start()?.id == 1)
        return ledger
    }

    @Test("Leases run in the order in which they came, and only so many wait")
    func order() {
        var ledger = SlotLedger()
        for id in 1...UInt64(VolunteerLimits.queuedLeases) { #expect(ledger.enqueue(lease(id, 0..<1)) == true) }
        #expect(ledger.enqueue(lease(9, 0..<1)) == false)
        #expect(ledger.start()?.id == 1)
        #expect(ledger.holds(1) && ledger.holds(2) && !ledger.holds(9))
    }

    @Test("A commit moves the lease's front; its acknowledgement frees the room")
    func commit() {
        var ledger = running()
        ledger.committed(0..<10, resultBytes: 20 << 20)
        #expect(ledger.running?.units == 10..<100 && !ledger.hasRoom)
        ledger.acknowledge(1, units: 0..<10)
        #expect(ledger.hasRoom && ledger.isAcknowledged && !ledger.isQuiet)
        #expect(ledger.finish()?.units == 10..<100)
        #expect(ledger.isQuiet)
    }

    @Test("Acknowledgements of a part, of several commits and of nothing that was sent all count for what they are")
    func partial() {
        var ledger = running()
        ledger.committed(0..<10, resultBytes: 1000)
        ledger.committed(10..<20, resultBytes: 1000)
        ledger.acknowledge(1, units: 0..<4)
        ledger.acknowledge(2, units: 0..<100)
        #expect(!ledger.isAcknowledged)
        ledger.acknowledge(1, units: 4..<20)
        #expect(ledger.isAcknowledged)
        ledger.acknowledge(1, units: 0..<20)
        #expect(ledger.isAcknowledged)
    }

    @Test("Commits without result bytes are bounded too")
    func emptyResults() {
        var ledger = running(0..<10_000_000)
        var unit: UInt64 = 0
        while ledger.hasRoom {
            ledger.committed(unit..<unit + 1, resultBytes: 0)
            unit += 1
        }
        #expect(unit < 200_000)
    }

    @Test("A revocation shortens the running lease but never what is finished")
    func revokeRunning() {
        var ledger = running()
        ledger.committed(0..<50, resultBytes: 0)
        #expect(ledger.revoke(1, from: 20) == true)
        #expect(ledger.running?.units == 50..<50)
        // The unit that ran when the revocation came is committed all the same.
        ledger.committed(50..<51, resultBytes: 0)
        #expect(ledger.running?.units == 51..<51)
    }

    @Test("A revocation shortens a lease that waits, or removes it")
    func revokeQueued() {
        var ledger = SlotLedger()
        #expect(ledger.enqueue(lease(1, 0..<10)) && ledger.enqueue(lease(2, 10..<20)))
        #expect(!ledger.revoke(2, from: 15) && !ledger.revoke(1, from: 0) && !ledger.revoke(7, from: 0))
        #expect(ledger.queued.map(\.units) == [10..<15])
    }
}
