import CTalkootSystem
import Glibc
import Synchronization
import TalkootCore

/// One unit in a process of its own, which a template makes and waits for.
///
/// The process gets a socket of its own, with its one call already in it, so that nothing of it can speak on the template's. Who
/// says that it ended, how, and after how much processor time, is the template, which runs no code of the module.
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

    /// The number of the answer to the template's start, which each process repeats when it has loaded the module.
    private static let loadedSequence: UInt64 = 2
    /// EAGAIN, the same on all architectures.
    private static let tryAgain: Int32 = 11
    /// How far the clock of the kernel's limit may be from the one that is reported, in seconds.
    private static let clockSlack = 0.1

    let template: CellProcess
    let limits: CellLimits

    /// The kernel's limit of processor time for a unit: whole seconds, at least one.
    static func wholeSeconds(_ limits: CellLimits) -> UInt64 { UInt64(max(1, min(limits.unitProcessorSeconds, 1e9)).rounded(.up)) }

    /// Runs what the request memory describes.
    ///
    /// - Returns: how it ended, and the processor time that it took, in seconds.
    func run(sequence: UInt64) -> (end: End, processorSeconds: Double) {
        var pair: [Int32] = [-1, -1]
        guard talkoot_packet_pair(&pair) == 0 else { return (.broken(Self.noProcess), 0) }
        let channel = Descriptor(pair[0])
        var call = talkoot_wire_header(call: UInt32(TALKOOT_CALL_RUN), status: 0, sequence: sequence)
        // The process reads one call and then the end.
        let isReady = talkoot_packet_send(channel.number, &call) == 0 && talkoot_packet_finish(channel.number) == 0
        let started = isReady ? talkoot_unit_start(template.control.number, pair[1]) : -1
        close(pair[1])
        guard started == 0 else { return (.broken(Self.noProcess), 0) }
        return wait(channel.number, sequence: sequence)
    }

    private func wait(_ channel: Int32, sequence: UInt64) -> (End, Double) {
        var ended = talkoot_wire_ended()
        var clock = WatchdogClock(patienceSeconds: Double(CellExchange.patienceNanoseconds(limits)) * 1e-9)
        while true {
            switch talkoot_unit_ended(template.control.number, &ended) {
            case 1:
                let seconds = Double(ended.nanoseconds) * 1e-9
                template.unitsProcessorSeconds.withLock { $0 += seconds }
                return (end(ended, channel: channel, sequence: sequence), seconds)
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

    /// What a process left behind that is gone: nothing on its socket can still change.
    private func end(_ ended: talkoot_wire_ended, channel: Int32, sequence: UInt64) -> End {
        guard ended.error == 0 else { return .lost(Self.noProcess) }
        var packets: [talkoot_wire_header] = []
        // One more than there may be. The first look can find the error that its last call was not read, and not yet the packets.
        for _ in 0..<4 where packets.count < 3 {
            var header = talkoot_wire_header()
            switch talkoot_packet_receive(channel, &header) {
            case 1: packets.append(header)
            case 0: continue
            default: return .lost(.violated(rule: "an answer has 16 bytes"))
            }
        }
        let last = UInt32(TALKOOT_END_LAST)
        guard let loaded = packets.first else { return .lost(death(ended)) }
        guard loaded.call == UInt32(TALKOOT_CALL_LOADED), loaded.sequence == Self.loadedSequence else {
            return .lost(.violated(rule: "an answer names its call"))
        }
        switch Int(loaded.status & ~last) {
        case TALKOOT_END_DONE: break
        case TALKOOT_END_STEP: return .broken(Self.noProcess)
        default: return .answered(loaded.status & ~last)
        }
        guard packets.count > 1 else { return .lost(death(ended)) }
        guard packets.count == 2, packets[1].call == UInt32(TALKOOT_CALL_RUN), packets[1].sequence == sequence else {
            return .lost(.violated(rule: "each call has one answer, with its number"))
        }
        return .answered(packets[1].status & ~last)
    }

    private func death(_ ended: talkoot_wire_ended) -> UnitOutcome {
        let ending = talkoot_ending(code: ended.code, status: ended.status, processor_seconds: Double(ended.nanoseconds) * 1e-9)
        if ended.code != CellDeath.exited, ended.status == SIGKILL,
            ending.processor_seconds >= Double(Self.wholeSeconds(limits)) - Self.clockSlack
        {
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
        withUnsafeBytes(of: request) { process.request.write($0, at: 0) }
        batch.stopBefore?.attach(page: process.requestPage)
        defer { batch.stopBefore?.detach(page: process.requestPage) }
        state.sequence += 1
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
