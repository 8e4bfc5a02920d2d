import CTalkootSystem
import TalkootCore

/// A call that brought no result.
struct CallFault: Error {
    let outcome: UnitOutcome
}

extension talkoot_wire_request {
    /// A request of a call that is not a run.
    init(payloadSize: UInt64, outputLimit: UInt64) {
        self.init()
        stop_line = .max
        payload_size = payloadSize
        output_limit = outputLimit
    }
}

extension Cell {
    /// Makes a call that is not a run, within the limits of a unit.
    func call(_ call: Int, _ request: talkoot_wire_request, _ state: inout State) -> Result<Void, CallFault> {
        guard state.isAlive else { return .failure(CallFault(outcome: Self.gone)) }
        let exchange = CellExchange(process: process, limits: limits)
        state.sequence += 1
        process.write(request, call: call, sequence: state.sequence)
        let end = exchange.perform(
            call, sequence: state.sequence, wallSeconds: limits.unitWallSeconds, processorSeconds: limits.unitProcessorSeconds)
        process.request.trim(usedBytes: request.payload + request.payload_size)
        switch settle(end, &state) {
        case nil: return .success(())
        case .some(let outcome): return .failure(CallFault(outcome: outcome))
        }
    }

    static let gone = UnitOutcome.failed(message: "the cell is gone")

    /// What an end means: nil when the call did its work. Notes when the process is gone.
    func settle(_ end: CellExchange.End, _ state: inout State) -> UnitOutcome? {
        switch end {
        case .dead(let outcome, _):
            state.isAlive = false
            return outcome
        case .answered(let code, let isLast):
            if isLast { state.isAlive = false }
            let outcome = outcome(of: code)
            if case .violated = outcome {
                state.isAlive = false
                process.kill()
            }
            return outcome
        }
    }

    /// What the end of a call means; nil when it did its work.
    func outcome(of code: UInt32) -> UnitOutcome? {
        switch Int(code) {
        case TALKOOT_END_DONE: nil
        case TALKOOT_END_FAILED, TALKOOT_END_LOAD: .failed(message: CellDeath.message(process.status()))
        case TALKOOT_END_OUTPUT: .output(limitBytes: limits.outputBytes)
        case TALKOOT_END_MEMORY: .memory(limitBytes: limits.memoryBytes)
        default: .violated(rule: "an answer says how the call ended")
        }
    }

    /// The output of a call that is not a run.
    func output(_ result: Result<Void, CallFault>, _ state: inout State) -> CellAnswer<[UInt8]> {
        if case .failure(let fault) = result { return .failure(fault.outcome) }
        var end: UInt64 = 0
        withUnsafeMutableBytes(of: &end) { process.response.copy(from: UInt64(TALKOOT_WIRE_ENDS), to: $0) }
        guard end <= limits.outputBytes else {
            state.isAlive = false
            process.kill()
            return .failure(.violated(rule: "output stays within its limit"))
        }
        let bytes = process.response.bytes(from: CellConfiguration.outputStart, count: Int(end))
        process.response.trim(usedBytes: end)
        return .value(bytes)
    }
}
