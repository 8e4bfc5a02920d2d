import TalkootCore
public import TalkootPeer
import TalkootStore

/// Where a requester keeps the receipts it signs, and the key it signs them with.
public struct ReceiptBook: Sendable {
    let file: ReceiptFile
    let identity: PeerIdentity

    /// The book in a file; every job of this installation writes into the same one.
    public init(path: String, identity: PeerIdentity) {
        file = ReceiptFile(path: path)
        self.identity = identity
    }

    /// Signs for all units of a job that volunteers did, and writes that down durably; once for each, however often it is called.
    ///
    /// - Returns: the new receipts.
    /// - Throws: ``TalkootError`` when the journal or the book cannot be read or the book cannot be written.
    func settle(_ job: JobRecord, _ journal: JobJournal, at time: Int64) throws(TalkootError) -> [Receipt] {
        guard let worth = job.unitMicrocredits, worth > 0 else { return [] }
        var runs: [String: [Range<UInt64>]] = [:]
        try journal.runs { volunteer, units in if volunteer != LocalSlot.volunteer { runs[volunteer, default: []].append(units) } }
        return try file.append { old throws(TalkootError) in
            var chain = ReceiptChain()
            var known: [String: UnitRanges] = [:]
            for receipt in old {
                if let fault = chain.take(receipt) {
                    throw TalkootError(.badData, "\(file.path): a receipt to \(receipt.volunteer) is wrong: \(fault)")
                }
                guard receipt.job == job.id, receipt.issuer == identity.id else { continue }
                for run in receipt.units { known[receipt.volunteer, default: UnitRanges([])].insert(run) }
            }
            var added: [Receipt] = []
            for (volunteer, all) in runs.sorted(by: { $0.key < $1.key }) {
                var open = UnitRanges(all)
                for run in known[volunteer]?.ranges ?? [] { open.remove(run) }
                try sign(open.ranges, volunteer, job, worth: worth, at: time, &chain, &added)
            }
            return added
        }
    }

    private func sign(
        _ runs: [Range<UInt64>], _ volunteer: String, _ job: JobRecord, worth: UInt64, at time: Int64, _ chain: inout ReceiptChain,
        _ added: inout [Receipt]
    ) throws(TalkootError) {
        for start in stride(from: 0, to: runs.count, by: Receipt.runsLimit) {
            guard let next = chain.next(issuer: identity.id, volunteer: volunteer) else { return }
            let part = Array(runs[start..<min(start + Receipt.runsLimit, runs.count)])
            let count = part.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
            let (microcredits, isTooMuch) = count.multipliedReportingOverflow(by: worth)
            let receipt = Receipt(
                issuer: identity.id, key: identity.publicKey, number: next.number, previous: next.previous, volunteer: volunteer,
                job: job.id, module: job.module.digest, units: part,
                microcredits: isTooMuch ? Receipt.microcreditsLimit : min(microcredits, Receipt.microcreditsLimit), time: time)
            let signed = try identity.sign(receipt)
            if let fault = chain.take(signed) { throw TalkootError(.internalError, "a receipt to \(volunteer) is wrong: \(fault)") }
            added.append(signed)
        }
    }
}
