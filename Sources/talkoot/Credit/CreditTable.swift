import Glibc
import TalkootCore

/// What volunteers have earned, added up from receipts: anybody who has the receipts comes to the same.
struct CreditTable {
    /// One volunteer's sums.
    struct Row: Encodable, Equatable {
        var volunteer: String
        /// In credits.
        var credit: Double
        /// The same, each receipt worth half after seven days, a quarter after fourteen.
        var recent: Double
        var units: UInt64
        var receipts: Int
    }

    /// How long it takes until a receipt counts half, in seconds.
    static let halfLifeSeconds = 7.0 * 86_400

    private var rows: [String: (microcredits: UInt64, recent: Double, units: UInt64, receipts: Int)] = [:]
    private let now: Int64

    /// An empty table, as of now in seconds since 1970.
    init(now: Int64) { self.now = now }

    /// Adds a receipt that was checked.
    mutating func add(_ receipt: Receipt) {
        var row = rows[receipt.volunteer] ?? (0, 0, 0, 0)
        let age = Double(max(0, now.subtractingReportingOverflow(receipt.time).partialValue))
        row.microcredits = Self.sum(row.microcredits, receipt.microcredits)
        row.recent += Double(receipt.microcredits) * exp2(-age / Self.halfLifeSeconds)
        row.units = Self.sum(row.units, receipt.unitCount)
        row.receipts += 1
        rows[receipt.volunteer] = row
    }

    private static func sum(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let (sum, isOver) = one.addingReportingOverflow(other)
        return isOver ? .max : sum
    }

    /// All volunteers, those with the most recent credit first.
    var ranking: [Row] {
        rows.map { name, row in
            Row(
                volunteer: name, credit: Double(row.microcredits) / 1e6, recent: row.recent / 1e6, units: row.units, receipts: row.receipts)
        }.sorted { $0.recent != $1.recent ? $0.recent > $1.recent : $0.volunteer < $1.volunteer }
    }
}
