import CTalkootSystem
import Glibc
import Synchronization
import TalkootCore

/// One unit in a process of its own, which a template makes and waits for.
///
/// The process answers through a pipe of its own, so that nothing of it can speak on the template's. Who says that it ended, how, and
/// after how much processor time, is the template, which runs no code of the module.
struct UnitProcess {
    /// How it ended.
    enum End {
        /// With an answer: one of TALKOOT_END_...
        case answered(UInt32)
        /// Without one; the template lives.
        case lost(UnitOutcome)
        /// The template is not to be used any more.
        case broken(UnitOutcome)
    }

    /// The most packets that a pipe holds, and one more.
    private static let packetLimit = 17
    /// EAGAIN, the same on all architectures.
    private static let tryAgain: Int32 = 11
    /// The kernel's limit counts a whole tick for whoever runs at its end, and what is reported is the real time: on a busy machine the
    /// limit has been seen to strike at three quarters of it.
    private static let leastPartOfLimit = 0.5

    let template: CellProcess
    let limits: CellLimits

    /// The kernel's limit of processor time for a unit: whole seconds, at least one.
    static func wholeSeconds(_ limits: CellLimits) -> UInt64 { UInt64(max(1, min(limits.unitProcessorSeconds, 1e9)).rounded(.up)) }

    /// Runs what the request memory describes.
    ///
    /// - Returns: how it ended, and the processor time that it took, in seconds.
    func run(sequence: UInt64) -> (end: End, processorSeconds: Double) {
        // The process is there already and waits for the call. One that died of itself before is the machine's fault.
        var early = talkoot_wire_ended()
        let isReady = talkoot_answers_receive(template.answers.number, 0, &early, MemoryLayout.size(ofValue: early)) == -Self.tryAgain
        // Its place in the library's file is where the last process left it.
        guard isReady, lseek(template.module.number, 0, SEEK_SET) == 0 else { return (.broken(Self.noProcess), 0) }
        template.raise()
        return wait(sequence: sequence)
    }

    private func wait(sequence: UInt64) -> (End, Double) {
        var ended = talkoot_wire_ended()
        let patience = CellExchange.patienceNanoseconds(limits)
        var clock = WatchdogClock(patienceSeconds: Double(patience) * 1e-9)
        while true {
            switch talkoot_answers_receive(template.answers.number, patience, &ended, MemoryLayout.size(ofValue: ended)) {
            case 1:
                let seconds = Double(ended.nanoseconds) * 1e-9
                template.unitsProcessorSeconds.withLock { $0 += seconds }
                return (end(ended, sequence: sequence), seconds)
            case -Self.tryAgain:
                let isWatched = clock.look(at: Double(talkoot_now()) * 1e-9, held: template.heldSeconds)
                guard isWatched, clock.counted >= limits.unitWallSeconds * template.wallStretch else { continue }
                template.kill()
                return (.broken(.deadline(seconds: limits.unitWallSeconds)), 0)
            default:
                template.kill()
                return (.broken(.failed(message: "the process that starts its units is gone")), 0)
            }
        }
    }

    /// What a process left behind that is gone: nothing in its pipe can still change.
    private func end(_ ended: talkoot_wire_ended, sequence: UInt64) -> End {
        let packets = takePackets()
        guard ended.error == 0 else { return .lost(Self.noProcess) }
        guard let packets else { return .lost(.violated(rule: "an answer has 16 bytes")) }
        let last = UInt32(TALKOOT_END_LAST)
        guard let loaded = packets.first else {
            // Killed so early, it may not have taken its call, which the next one would then find.
            let isKilled = ended.code != CellDeath.exited && ended.status == SIGKILL
            return isKilled ? .broken(death(ended)) : .lost(death(ended))
        }
        // Before it had the call.
        guard loaded.status & ~last != UInt32(TALKOOT_END_STEP) else { return .broken(Self.noProcess) }
        guard loaded.call == UInt32(TALKOOT_CALL_LOADED), loaded.sequence == sequence else {
            return .lost(.violated(rule: "an answer names its call"))
        }
        switch Int(loaded.status & ~last) {
        case TALKOOT_END_DONE: break
        default: return .answered(loaded.status & ~last)
        }
        guard packets.count > 1 else { return .lost(death(ended)) }
        guard packets.count == 2, packets[1].call == UInt32(TALKOOT_CALL_RUN), packets[1].sequence == sequence else {
            return .lost(.violated(rule: "each call has one answer, with its number"))
        }
        return .answered(packets[1].status & ~last)
    }

    /// All that is in the pipe; nil when something else than answers is.
    private func takePackets() -> [talkoot_wire_header]? {
        var packets: [talkoot_wire_header] = []
        var isSound = true
        for _ in 0..<Self.packetLimit {
            var header = talkoot_wire_header()
            switch talkoot_answers_receive(template.unitAnswers.number, 0, &header, MemoryLayout.size(ofValue: header)) {
            case 1: packets.append(header)
            case -Self.tryAgain: return isSound ? packets : nil
            default: isSound = false
            }
        }
        return isSound ? packets : nil
    }

    private func death(_ ended: talkoot_wire_ended) -> UnitOutcome {
        let ending = talkoot_ending(code: ended.code, status: ended.status, processor_seconds: Double(ended.nanoseconds) * 1e-9)
        let isLate = ending.processor_seconds >= Double(Self.wholeSeconds(limits)) * Self.leastPartOfLimit
        if ended.code != CellDeath.exited, ended.status == SIGXCPU || ended.status == SIGKILL, isLate {
            return .deadline(seconds: limits.unitProcessorSeconds)
        }
        if ended.status == SIGKILL, template.isInGroups, template.lease?.group.ranOutOfMemory() == true {
            return .memory(limitBytes: limits.memoryBytes)
        }
        return CellDeath.outcome(ending, status: template.status(), limits: limits, library: template.library)
    }

    private static let noProcess = UnitOutcome.failed(message: "this machine could not make a process for the unit")
}

extension Cell {
    /// Runs the first unit of a batch in a process of its own. The memory that it shares with the agent is empty before it starts.
    func runApart(_ batch: UnitBatch, _ state: inout State) -> BatchResult {
        process.response.clear()
        process.request.clear()
        state.logDropped = 0
        guard var request = write(batch, count: 1) else { return Self.empty(batch, failure: Self.inputTooLarge) }
        request.stop_line = batch.stopBefore?.unit ?? .max
        state.sequence += 1
        process.write(request, call: TALKOOT_CALL_RUN, sequence: state.sequence)
        batch.stopBefore?.attach(page: process.requestPage)
        defer { batch.stopBefore?.detach(page: process.requestPage) }
        let (started, heldBefore) = (talkoot_now(), process.heldSeconds)
        let (end, seconds) = UnitProcess(template: process, limits: limits).run(sequence: state.sequence)
        let failure: UnitOutcome?
        switch end {
        case .answered(let code): failure = outcome(of: code)
        case .lost(let outcome): failure = outcome
        case .broken(let outcome):
            failure = outcome
            state.isAlive = false
            process.kill()
        }
        var result = collect(batch, count: 1, failure: failure, &state)
        result.wallSeconds = max(0, Double(talkoot_now() - started) * 1e-9 - (process.heldSeconds - heldBefore))
        result.processorSeconds = seconds
        state.processorSeconds += seconds
        state.units += UInt64(result.units.count)
        return result
    }
}
