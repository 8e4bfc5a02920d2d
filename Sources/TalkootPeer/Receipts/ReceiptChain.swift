public import TalkootCore

/// Checks receipts one after the other: bounds, signature, and that each goes on from the one before of the same issuer and volunteer.
public struct ReceiptChain: Sendable {
    /// Whose receipts to whom.
    private struct Link: Hashable, Sendable {
        let issuer: PeerID
        let volunteer: String
    }

    /// The last receipt of a chain.
    private struct End: Sendable {
        let number: UInt64
        let digest: Digest
    }

    /// The digest that the first receipt of a chain refers to.
    public static let start = Digest(bytes: [UInt8](repeating: 0, count: Digest.byteCount))

    /// The most chains that are followed.
    public static let limit = 100_000

    private var ends: [Link: End] = [:]
    private let allowsGaps: Bool
    /// Receipts that these chains have and that did not come.
    public private(set) var missing: UInt64 = 0

    /// No receipts yet. With `allowsGaps` those that did not come are counted instead of held against the next one: a volunteer that was
    /// not there at a job's end has not got its receipt.
    public init(allowsGaps: Bool = false) { self.allowsGaps = allowsGaps }

    /// Takes the next receipt in; gives what is wrong with it, and then it counts for nothing.
    public mutating func take(_ receipt: Receipt) -> String? {
        if let fault = receipt.fault { return fault }
        if !receipt.isSigned { return "it is not signed by its issuer" }
        let link = Link(issuer: receipt.issuer, volunteer: receipt.volunteer)
        let end = ends[link]
        if let end, receipt.number <= end.number {
            return receipt.digest == end.digest ? "it comes twice" : "number \(receipt.number) of its chain was there already"
        }
        let gap = receipt.number - (end?.number ?? 0) - 1
        guard gap == 0 || allowsGaps else {
            return "numbers \((end?.number ?? 0) + 1) to \(receipt.number - 1) of its chain are missing"
        }
        guard gap > 0 || receipt.previous == end?.digest ?? Self.start else { return "it does not go on from the one before" }
        missing = missing.addingReportingOverflow(gap).partialValue
        guard end != nil || ends.count < Self.limit else { return "there are more than \(Self.limit) chains" }
        ends[link] = End(number: receipt.number, digest: receipt.digest)
        return nil
    }

    /// Number and predecessor of the next receipt of a chain.
    public func next(issuer: PeerID, volunteer: String) -> (number: UInt64, previous: Digest)? {
        guard let start = Self.start else { return nil }
        let end = ends[Link(issuer: issuer, volunteer: volunteer)]
        return ((end?.number ?? 0) + 1, end?.digest ?? start)
    }
}
