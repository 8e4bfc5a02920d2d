import CTalkootSystem
import Synchronization
import TalkootCore

extension Cell {
    /// Runs units in order until one fails, the budget is used up, about 1 MiB of results is there, or the stop line is reached.
    ///
    /// The answer's `units` is the prefix of the batch that is finished. At least one unit is tried, unless the stop line lies
    /// before it. About 10 us beside the units' own time.
    public func run(_ batch: UnitBatch) -> BatchResult {
        state.withLock { state in
            guard state.isAlive else { return Self.empty(batch, failure: Self.gone) }
            if isolation == .unit { return runApart(batch, &state) }
            let count = min(batch.units.count, UnitBatch.unitLimit)
            guard let request = write(batch, count: count) else {
                return Self.empty(batch, failure: Self.inputTooLarge)
            }
            let (started, heldBefore) = (talkoot_now(), process.heldSeconds)
            let end = perform(batch, request, &state)
            let ended = talkoot_now()
            let processorSeconds = processorSeconds(end, started: started, ended: ended, &state)
            let failure = settle(end, &state)
            var result = collect(batch, count: count, failure: failure, &state)
            result.wallSeconds = max(0, Double(ended - started) * 1e-9 - (process.heldSeconds - heldBefore))
            result.processorSeconds = processorSeconds
            state.units += UInt64(result.units.count)
            process.request.trim(usedBytes: request.payload + request.payload_size)
            return result
        }
    }

    /// Processor time since the last look. An exchange of some microseconds is not worth one: its time counts with the next.
    private func processorSeconds(_ end: CellExchange.End, started: UInt64, ended: UInt64, _ state: inout State) -> Double {
        let seconds: Double
        if case .dead(_, let total) = end {
            seconds = total
        } else {
            guard ended - started >= Self.shortNanoseconds || ended - state.looked >= Self.lookNanoseconds else { return 0 }
            state.looked = ended
            seconds = talkoot_processor_seconds(process.process)
        }
        guard seconds >= 0 else { return 0 }
        defer { state.processorSeconds = seconds }
        return max(0, seconds - state.processorSeconds)
    }

    /// Exchanges shorter than this, and no longer since the last look than that.
    private static let shortNanoseconds: UInt64 = 20_000
    private static let lookNanoseconds: UInt64 = 1_000_000

    private func perform(_ batch: UnitBatch, _ request: talkoot_wire_request, _ state: inout State) -> CellExchange.End {
        var request = request
        request.stop_line = batch.stopBefore?.unit ?? .max
        state.sequence += 1
        process.write(request, call: TALKOOT_CALL_RUN, sequence: state.sequence)
        batch.stopBefore?.attach(page: process.requestPage)
        defer { batch.stopBefore?.detach(page: process.requestPage) }
        return CellExchange(process: process, limits: limits).perform(
            TALKOOT_CALL_RUN, sequence: state.sequence, wallSeconds: limits.unitWallSeconds + batch.budgetSeconds,
            processorSeconds: limits.unitProcessorSeconds + batch.budgetSeconds * Double(max(1, limits.threads)))
    }

    static let inputTooLarge = UnitOutcome.failed(message: "its input is larger than the 1 GiB that a cell can take at once")

    static func empty(_ batch: UnitBatch, failure: UnitOutcome) -> BatchResult {
        let first = batch.units.lowerBound
        return BatchResult(
            units: first..<first, resultEnds: [], bytes: [], failure: (unit: first, outcome: failure), processorSeconds: 0, wallSeconds: 0)
    }

    /// Puts the batch's bytes into the request memory; nil when they do not fit.
    func write(_ batch: UnitBatch, count: Int) -> talkoot_wire_request? {
        var request = talkoot_wire_request()
        request.first_unit = batch.units.lowerBound
        request.count = UInt64(count)
        request.items = batch.shape.items
        request.items_per_unit = batch.shape.itemsPerUnit
        request.seed = batch.seed
        request.budget = UInt64(max(0, min(batch.budgetSeconds, 1e6)) * 1e9)
        request.output_limit = limits.outputBytes
        request.attempt = UInt64(batch.attempt)
        let memory = process.request
        request.checkpoint = UInt64(TALKOOT_WIRE_REQUEST_PAYLOAD)
        request.checkpoint_size = min(UInt64(batch.checkpoint.count), UInt64(TALKOOT_WIRE_CHECKPOINT_BYTES))
        batch.checkpoint.withUnsafeBytes {
            memory.write(UnsafeRawBufferPointer(rebasing: $0.prefix(Int(request.checkpoint_size))), at: request.checkpoint)
        }
        request.payload = (request.checkpoint + request.checkpoint_size + 15) & ~15
        guard !batch.inputEnds.isEmpty else { return request }
        let end = batch.inputEnds[count - 1]
        request.payload_size = UInt64(end - batch.inputStart)
        request.ends = request.payload
        request.payload = (request.ends + 8 * UInt64(count) + 15) & ~15
        guard request.payload + request.payload_size <= memory.sizeBytes else { return nil }
        let ends = batch.inputEnds.prefix(count).map { UInt64($0 - batch.inputStart) }
        ends.withUnsafeBytes { memory.write($0, at: request.ends) }
        batch.input.withUnsafeBytes {
            memory.write(UnsafeRawBufferPointer(rebasing: $0[batch.inputStart..<end]), at: request.payload)
        }
        return request
    }

    /// Copies the results out, once, and checks the copy. What does not hold together ends the cell.
    func collect(_ batch: UnitBatch, count: Int, failure: UnitOutcome?, _ state: inout State) -> BatchResult {
        let status = process.status()
        let first = batch.units.lowerBound
        var failure = failure
        var result = Self.empty(batch, failure: Self.gone)
        result.failure = nil
        if let results = UnitResults(process: process, done: status.done, count: count, limits: limits) {
            result.units = first..<first + UInt64(results.ends.count)
            result.resultEnds = results.ends
            result.bytes = results.bytes
            process.response.trim(usedBytes: results.usedBytes)
        } else {
            state.isAlive = false
            process.kill()
            failure = .violated(rule: "results lie one after the other, within their limit")
        }
        // A line once lowered stays low, so a cell that saw it did nothing for a reason that still holds.
        if failure == nil, result.units.isEmpty, first < batch.stopBefore?.unit ?? .max {
            state.isAlive = false
            process.kill()
            failure = .violated(rule: "an answer brings a result or a failure, unless it was told to stop")
        }
        let next = result.units.upperBound
        // All units done and then a fault: the last one is to blame, and its result is not trusted.
        if let failure {
            if next < first + UInt64(count) {
                result.failure = (unit: next, outcome: failure)
            } else {
                result.dropLast()
                result.failure = (unit: result.units.upperBound, outcome: failure)
            }
        }
        result.checkpoint = checkpoint(status, of: next)
        return result
    }

    private func checkpoint(_ status: talkoot_wire_status, of unit: UInt64) -> (unit: UInt64, bytes: [UInt8])? {
        let limit = UInt64(TALKOOT_WIRE_CHECKPOINT_BYTES)
        guard (1...2).contains(status.checkpoint_slot), status.checkpoint_unit == unit, status.checkpoint_size <= limit else { return nil }
        let start = CellConfiguration.checkpointStart + UInt64(status.checkpoint_slot - 1) * limit
        return (unit, process.response.bytes(from: start, count: Int(status.checkpoint_size)))
    }
}

extension BatchResult {
    /// Takes the last unit's result away.
    fileprivate mutating func dropLast() {
        resultEnds.removeLast()
        bytes.removeLast(bytes.count - (resultEnds.last ?? 0))
        units = units.lowerBound..<units.upperBound - 1
    }
}
