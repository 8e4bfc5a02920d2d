import CTalkootSystem

/// What happens to a system call of a cell.
enum SystemCallAnswer: Hashable, Sendable {
    /// It is made.
    case allow
    /// The filter returns this error at once, so that honest code falls back on something else.
    case error(Errno)
    /// It traps, and the cell's handler answers it instead of reporting it.
    case handler(HandlerAnswer)

    /// The errors that the filter answers.
    enum Errno: Int32, Sendable {
        case pretendDone = 0
        case notPermitted = 1
        case noSuchFile = 2
        case invalid = 22
        case notTerminal = 25
        case noSeek = 29
        case notImplemented = 38
    }
}

/// What the cell's handler of SIGSYS does instead of a call. The cell is told which of them the policy has.
enum HandlerAnswer: UInt32, Sendable, CaseIterable {
    case open = 1
    case stat = 2
    case close = 4
    case mask = 8
}

/// One line of the policy: some system calls, by name, with the conditions that all have to hold.
struct SystemCallRule: Hashable, Sendable {
    /// When a line holds.
    enum Scope: Sendable {
        /// In both filters.
        case always
        /// In the first filter only, while the library is loaded.
        case loading
        /// In both filters, when the manifest asks for more than one thread.
        case threads
        /// In a template, before all other lines, and in its copies until they load a filter of their own; no module's code runs in there.
        case template
    }

    /// Names; those that an architecture does not have are left out there.
    var calls: [String]
    /// When the line holds.
    var scope = Scope.always
    /// Conditions on arguments, all of which have to hold; none: always.
    var conditions: [ArgumentCondition] = []
    /// What happens.
    var answer: SystemCallAnswer
    /// Why the line is there.
    var reason: String
}
