import TalkootCore
import TalkootPeer

/// Receipts of files, each checked: bounds, signature, chain.
enum CheckedReceipts {
    /// The receipts of a file, which must all be right.
    ///
    /// - Throws: ``TalkootError`` `notFound` when there is no file, `badData` naming the first line that is wrong and why.
    static func read(_ path: String) throws(TalkootError) -> (receipts: [Receipt], missing: UInt64) {
        guard FileBytes.exists(path) else {
            throw TalkootError(.notFound, "there is no file \(path)", remedy: "receipts come when a job on a tracker's volunteers is done")
        }
        let receipts = try ReceiptFile(path: path).read()
        var chain = ReceiptChain(allowsGaps: true)
        for (number, receipt) in receipts.enumerated() {
            guard let fault = chain.take(receipt) else { continue }
            throw TalkootError(
                .badData, "line \(number + 1) of \(path) does not hold: \(fault)", remedy: "believe nothing from this line on")
        }
        return (receipts, chain.missing)
    }
}
