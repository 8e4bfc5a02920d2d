import CTalkootSystem
import Glibc
import TalkootCore

/// Turns the end of a cell into an outcome. How the process ended is the kernel's word; what the status page adds is the cell's,
/// and counts only where both fit together.
enum CellDeath {
    /// Signals for which the cell leaves a note and exits with 128 + signal.
    private static let noted: Set<Int32> = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS]

    /// What dies by SIGSYS itself: also a call in a signal handler during which SIGSYS is blocked.
    private static let foreignCall = "of another architecture, or with SIGSYS blocked"

    /// CLD_EXITED of `waitid`.
    static let exited: Int32 = 1

    /// What to say of a process that ended like this, with this library in it.
    static func outcome(
        _ ending: talkoot_ending, status: talkoot_wire_status, limits: CellLimits, library: LibraryImage?
    ) -> UnitOutcome {
        if ending.code == exited { return outcome(exit: ending.status, status: status, limits: limits, library: library) }
        switch ending.status {
        case SIGSYS:
            // The filter kills what it cannot name; what it can name traps, and the handler cannot be replaced.
            return .forbidden(call: foreignCall, number: -1)
        case SIGKILL where ending.processor_seconds >= CellConfiguration.lifeProcessorSeconds:
            return .deadline(seconds: limits.unitProcessorSeconds)
        default:
            return status.refused_bytes != 0 ? .memory(limitBytes: limits.memoryBytes) : .crashed(signal: ending.status, place: "")
        }
    }

    private static func outcome(
        exit: Int32, status: talkoot_wire_status, limits: CellLimits, library: LibraryImage?
    ) -> UnitOutcome {
        if exit == TALKOOT_EXIT_FORBIDDEN, status.death == UInt32(TALKOOT_DEATH_FORBIDDEN) {
            let number = status.system_call
            let call = Architecture.native.name(of: number) ?? "number \(number)"
            return .forbidden(call: call, number: number, place: place(status.place, in: library))
        }
        if status.death == UInt32(TALKOOT_DEATH_SIGNAL), noted.contains(status.signal), exit == 128 + status.signal {
            if status.refused_bytes != 0 { return .memory(limitBytes: limits.memoryBytes) }
            return .crashed(signal: status.signal, place: place(status.place, in: library))
        }
        return .exited(status: exit)
    }

    private static func place(_ place: UInt64, in library: LibraryImage?) -> String {
        guard let library, place > 0 else { return "" }
        return library.place(place - 1)
    }

    /// The text of a status page: at most 1 KiB up to a NUL, repaired where it is not UTF-8.
    static func message(_ status: talkoot_wire_status) -> String {
        withUnsafeBytes(of: status.message) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
