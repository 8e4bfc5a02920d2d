import TalkootCore

/// Bytes on their way from the coordinator to one thread here: a package to the loader, a lease's input to its slot. Pure.
///
/// What came in order waits in `ready` until the thread pulls it; only then does the window move on.
struct Inflow: Sendable {
    /// What a thread gets when it pulls.
    enum Pull: Hashable, Sendable {
        /// The next bytes, in order; `isEnd` with the last ones, which may be none.
        case bytes([UInt8], isEnd: Bool)
        /// Nothing yet.
        case wait
        /// Nothing more will come.
        case failed(TalkootError)
    }

    private var window: PieceWindow
    private var ready: [UInt8] = []
    private var pulled: UInt64
    private let end: UInt64
    private var windowBytes: UInt64
    private let windowCapBytes: UInt64
    private(set) var failure: TalkootError?

    /// An inflow of `range` that holds at most `windowBytes`, and up to the cap while the thread starves.
    init(_ range: Range<UInt64>, windowBytes: UInt64, windowCapBytes: UInt64) {
        window = PieceWindow(range)
        (pulled, end) = (range.lowerBound, range.upperBound)
        self.windowBytes = windowBytes
        self.windowCapBytes = max(windowBytes, windowCapBytes)
    }

    /// Whether everything was asked for.
    var isAsked: Bool { window.isAsked }

    /// The next piece to ask for, if the window has room.
    mutating func nextPiece() -> Range<UInt64>? { failure == nil ? window.next(windowBytes: windowBytes) : nil }

    /// Takes bytes that came; `isComplete` when their piece is over.
    mutating func arrived(_ bytes: [UInt8], at offset: UInt64, isComplete: Bool) {
        let ordered = window.arrived(bytes, at: offset, isComplete: isComplete)
        if ready.isEmpty { ready = ordered } else { ready += ordered }
    }

    /// Hands over what came. The thread still holds everything from `held` on: the window counts from there.
    mutating func pull(held: UInt64) -> Pull {
        if let failure { return .failed(failure) }
        window.drop(before: held)
        if ready.isEmpty, pulled < end {
            return starve(held: held)
        }
        let bytes = ready
        ready = []
        pulled += UInt64(bytes.count)
        return .bytes(bytes, isEnd: pulled == end)
    }

    /// Nothing more will come.
    mutating func fail(_ error: TalkootError) { failure = failure ?? error }

    /// The thread needs more than it holds: a unit larger than the window makes the window grow.
    private mutating func starve(held: UInt64) -> Pull {
        let (needed, overflow) = (pulled - held).addingReportingOverflow(VolunteerLimits.pieceBytes * UInt64(VolunteerLimits.openPieces))
        guard !overflow, pulled - held < windowCapBytes else {
            let error = TalkootError(
                .refused, "a unit's input is larger than the \(NumberText.size(windowCapBytes)) this volunteer keeps for a slot",
                remedy: "use smaller units")
            failure = error
            return .failed(error)
        }
        windowBytes = min(windowCapBytes, max(windowBytes, needed))
        return .wait
    }
}
