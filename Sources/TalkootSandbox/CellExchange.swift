import CTalkootSystem
import Glibc
import TalkootCore

/// One call to a cell and its answer, under a watchdog that trusts nothing that the cell says.
struct CellExchange {
    /// How it ended.
    enum End {
        /// With an answer: one of TALKOOT_END_..., and whether the process ends after it.
        case answered(UInt32, isLast: Bool)
        /// With the end of the process, after this much processor time; nobody may ask it anything again.
        case dead(UnitOutcome, processorSeconds: Double)
    }

    /// How often the watchdog looks, at least and at most, in nanoseconds.
    private static let patience = 1_000_000.0...100_000_000.0
    /// How long a process may take from its last word to its end, in milliseconds.
    private static let dyingMilliseconds: Int32 = 2000

    let process: CellProcess
    let limits: CellLimits

    /// How long a wait for an answer lasts before the watchdog looks.
    static func patienceNanoseconds(_ limits: CellLimits) -> UInt64 {
        let least = min(limits.unitWallSeconds, limits.unitProcessorSeconds) * 1e9 / 8
        return UInt64(min(max(least, patience.lowerBound), patience.upperBound))
    }

    /// Tells the cell of the call in its request memory and waits for its answer at most `wallSeconds`, during which the cell may use
    /// `processorSeconds`.
    ///
    /// The limits named in an outcome are those of a unit: a batch adds its budget to the first number.
    func perform(_ call: Int, sequence: UInt64, wallSeconds: Double, processorSeconds: Double) -> End {
        process.raise()
        return receive(call: call, sequence: sequence, wallSeconds: wallSeconds, processorSeconds: processorSeconds)
    }

    /// Waits for an answer to a call that it was told of.
    func receive(call: Int, sequence: UInt64, wallSeconds: Double, processorSeconds: Double) -> End {
        var header = talkoot_wire_header()
        let patience = Self.patienceNanoseconds(limits)
        var clock = WatchdogClock(patienceSeconds: Double(patience) * 1e-9)
        var processorStart: Double?
        // Who gets half of the processors' time may take twice as long.
        let wallLimit = wallSeconds * process.wallStretch
        while true {
            switch talkoot_answers_receive(process.answers.number, patience, &header, MemoryLayout.size(ofValue: header)) {
            case 1: return judge(header, call: call, sequence: sequence)
            case 0: return bury()
            case -tryAgain:
                // The first look is one patience late, which errs to the cell's favour; after a gap its answer may be there.
                guard clock.look(at: Double(talkoot_now()) * 1e-9, held: process.heldSeconds) else { continue }
                let processor = process.processorSeconds
                let since = processorStart ?? processor
                processorStart = since
                if clock.counted >= wallLimit { return kill(.deadline(seconds: limits.unitWallSeconds)) }
                if processor - since >= processorSeconds { return kill(.deadline(seconds: limits.unitProcessorSeconds)) }
            case -badMessage: return kill(.violated(rule: "an answer has 16 bytes"))
            default: return kill(.violated(rule: "the pipe of answers stays open"))
            }
        }
    }

    private func judge(_ header: talkoot_wire_header, call: Int, sequence: UInt64) -> End {
        guard header.sequence == sequence else { return kill(.violated(rule: "each call has one answer, with its number")) }
        guard header.call == UInt32(call) else { return kill(.violated(rule: "an answer names its call")) }
        let last = UInt32(TALKOOT_END_LAST)
        return .answered(header.status & ~last, isLast: header.status & last != 0)
    }

    /// Ends the process because of what it did.
    private func kill(_ outcome: UnitOutcome) -> End {
        process.kill()
        return .dead(outcome, processorSeconds: process.reap(milliseconds: -1)?.processor_seconds ?? 0)
    }

    /// Finds out how a process ended that has nobody left to answer.
    private func bury() -> End {
        guard let ending = process.reap(milliseconds: Self.dyingMilliseconds) else {
            return kill(.violated(rule: "a cell that goes on keeps its pipe open"))
        }
        let outcome =
            wasKilledForMemory(ending)
            ? .memory(limitBytes: limits.memoryBytes)
            : CellDeath.outcome(ending, status: process.status(), limits: limits, library: process.library)
        return .dead(outcome, processorSeconds: ending.processor_seconds)
    }

    /// Whether the kernel chose it when memory ran out: in its control group, or in one round it.
    private func wasKilledForMemory(_ ending: talkoot_ending) -> Bool {
        ending.status == SIGKILL && process.isInGroups && process.lease?.group.ranOutOfMemory() == true
    }
}

/// EAGAIN and EBADMSG, the same on all architectures.
private let tryAgain: Int32 = 11
private let badMessage: Int32 = 74
