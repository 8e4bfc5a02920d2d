import TalkootCore

/// Cuts a byte range into pieces to fetch and puts what comes back in order. Pure.
///
/// Pieces are asked for in order, a few at once, and never further ahead than the window; they may come back in any order.
struct PieceWindow: Sendable {
    private let end: UInt64
    /// The first byte that was not asked for yet.
    private var asked: UInt64
    /// The first byte that did not come in order yet.
    private var reached: UInt64
    /// The first byte still kept.
    private var kept: UInt64
    private var outstanding = 0
    private var early: [UInt64: [UInt8]] = [:]

    /// A window over `range`.
    init(_ range: Range<UInt64>) {
        (asked, reached, kept, end) = (range.lowerBound, range.lowerBound, range.lowerBound, range.upperBound)
    }

    /// Whether every byte came.
    var isComplete: Bool { reached == end }

    /// Whether every byte was asked for.
    var isAsked: Bool { asked == end }

    /// The next piece to ask for, unless the window is full: at most `windowBytes` from the first kept byte on are here or on their way.
    mutating func next(windowBytes: UInt64) -> Range<UInt64>? {
        let (limit, overflow) = kept.addingReportingOverflow(windowBytes)
        let horizon = overflow ? end : min(end, limit)
        guard outstanding < VolunteerLimits.openPieces, asked < horizon else { return nil }
        // Pieces end at multiples of their size, so that they hold whole chunks; a horizon in between waits, unless nothing else is coming.
        let boundary = (asked / VolunteerLimits.pieceBytes + 1) * VolunteerLimits.pieceBytes
        if horizon < boundary, horizon < end, outstanding > 0 { return nil }
        let piece = asked..<min(horizon, boundary)
        asked = piece.upperBound
        outstanding += 1
        return piece
    }

    /// Takes bytes that came; `isComplete` when their piece is over.
    ///
    /// - Returns: what is now in order, perhaps nothing.
    mutating func arrived(_ bytes: [UInt8], at offset: UInt64, isComplete: Bool) -> [UInt8] {
        if isComplete { outstanding -= 1 }
        guard offset == reached else {
            early[offset] = bytes
            return []
        }
        reached += UInt64(bytes.count)
        var ordered = bytes
        while let next = early.removeValue(forKey: reached) {
            ordered += next
            reached += UInt64(next.count)
        }
        return ordered
    }

    /// The bytes before `offset` are used up.
    mutating func drop(before offset: UInt64) { kept = max(kept, min(offset, reached)) }
}
