/// What the kernel does with a system call of a cell.
enum SystemCallAction: Hashable, Sendable {
    /// It is made.
    case allow
    /// It returns this error at once, so that honest code falls back on something else.
    case answer(Errno)
    /// The cell dies at once, without a word.
    case kill

    /// The errors that are answered.
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

/// A condition on one argument: the bits under `mask` have `value`. Nothing but equality: version 2.5.4 of libseccomp merges
/// range comparisons of 64 bits wrongly.
struct ArgumentCondition: Hashable, Sendable {
    /// The argument's number, 0 to 5.
    var argument: UInt32
    /// The bits that count.
    var mask: UInt64
    /// What they have to be.
    var value: UInt64

    /// The argument as the kernel reads an `int`: the upper half does not count.
    static func int(_ argument: UInt32, _ value: Int32) -> ArgumentCondition {
        ArgumentCondition(argument: argument, mask: 0xffff_ffff, value: UInt64(UInt32(bitPattern: value)))
    }

    /// The argument is made of no other bits than these, in all 64.
    static func only(_ argument: UInt32, bits: UInt64) -> ArgumentCondition {
        ArgumentCondition(argument: argument, mask: ~bits, value: 0)
    }

    /// The argument has all of these bits and perhaps the optional ones, no others, in all 64.
    static func exactly(_ argument: UInt32, bits: UInt64, optional: UInt64 = 0) -> ArgumentCondition {
        ArgumentCondition(argument: argument, mask: ~optional, value: bits)
    }
}

/// One line of the policy: some system calls, by name, with the conditions that all have to hold.
struct SystemCallRule: Hashable, Sendable {
    /// Names that the running architecture does not have are left out.
    var calls: [String]
    /// What happens.
    var action: SystemCallAction
    /// Conditions on arguments, all of which have to hold; none: always.
    var conditions: [ArgumentCondition] = []
    /// Why the line is there.
    var reason: String
}
