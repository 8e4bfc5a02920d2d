import CTalkootSystem
import Glibc
import Synchronization
public import TalkootCore

/// One confined process with one module, for one job.
///
/// Calls block, under a watchdog, and are made by one thread at a time; ``close()`` and a ``StopLine`` work from any. What the
/// module does wrong is a value. After a failure ``isAlive`` tells whether the process can still be used: it can after a
/// unit that only said so; after anything else launch another.
public final class Cell: Sendable {
    struct State {
        var sequence: UInt64 = 0
        var isAlive = true
        var logDropped: UInt64 = 0
        /// Units that ran in here.
        var units: UInt64 = 0
        /// Processor time since the start, in seconds.
        var processorSeconds = 0.0
        /// When that was looked at, in monotonic nanoseconds.
        var looked: UInt64 = 0
    }

    /// What the job may use.
    public let limits: CellLimits
    /// Whether the module merges; without it results are concatenated.
    public let hasMerge: Bool
    /// Whether the module turns the last result into something else.
    public let hasFinish: Bool
    /// Whether the module says how many items there are.
    public let hasPlan: Bool
    /// Whether the module says which results agree; without it those of the same bytes do.
    public let hasEqual: Bool

    /// How far units are kept apart. With `.unit` each has a process of its own, and there is no other call than ``run(_:)``.
    public let isolation: Isolation

    let process: CellProcess
    let state: Mutex<State>

    /// Takes over a process that has loaded its module; `sequence` is the last one used.
    init(process: CellProcess, limits: CellLimits, isolation: Isolation, sequence: UInt64) {
        let features = Int(process.status().features)
        self.process = process
        self.limits = limits
        self.isolation = isolation
        hasPlan = features & TALKOOT_HAS_PLAN != 0
        hasMerge = features & TALKOOT_HAS_MERGE != 0
        hasFinish = features & TALKOOT_HAS_FINISH != 0
        hasEqual = features & TALKOOT_HAS_EQUAL != 0
        state = Mutex(State(sequence: sequence, processorSeconds: max(0, talkoot_processor_seconds(process.process))))
    }

    deinit { close() }

    /// Whether the process can be asked again.
    public var isAlive: Bool { state.withLock { $0.isAlive } }

    /// The cell's process id, for measurements and tests.
    public var processID: Int32 { process.process }

    /// How many units it finished.
    var unitsRun: UInt64 { state.withLock { $0.units } }

    /// Whether it ran so much that a fresh one is due: a module may lose a little memory in each unit.
    var isWornOut: Bool {
        state.withLock { $0.units >= 1 << 22 || $0.processorSeconds >= CellConfiguration.lifeProcessorSeconds / 2 }
    }

    /// Asks how many items the job has; `inputBytes` is the size of its input, 0 without one.
    public func plan(inputBytes: UInt64) -> CellAnswer<UInt64> {
        guard hasPlan else { return .failure(.failed(message: "the module has no plan")) }
        return state.withLock { state in
            let request = talkoot_wire_request(payloadSize: inputBytes, outputLimit: 0)
            switch call(TALKOOT_CALL_PLAN, request, &state) {
            case .success: return .value(process.status().items)
            case .failure(let fault): return .failure(fault.outcome)
            }
        }
    }

    /// Folds consecutive results, in order, into one. Without `merge` in the module they are concatenated here.
    public func merge(_ results: [[UInt8]]) -> CellAnswer<[UInt8]> {
        guard hasMerge, !results.isEmpty else { return .value(Array(results.joined())) }
        let room = CellConfiguration.requestBytes / 2
        var folded: [UInt8]?
        var rest = results[...]
        while !rest.isEmpty || folded == nil {
            var group = folded.map { [$0] } ?? []
            var size = UInt64(folded?.count ?? 0)
            while let next = rest.first, group.count < UnitBatch.unitLimit, group.count < 2 || size + UInt64(next.count) <= room {
                size += UInt64(next.count)
                group.append(next)
                rest.removeFirst()
            }
            switch fold(group, size: size) {
            case .value(let bytes): folded = bytes
            case .failure(let outcome): return .failure(outcome)
            }
        }
        return .value(folded ?? [])
    }

    /// Turns the one result that is left into the job's output. Without `finish` in the module it is the output.
    public func finish(_ merged: [UInt8]) -> CellAnswer<[UInt8]> {
        guard hasFinish else { return .value(merged) }
        return state.withLock { state in
            var request = talkoot_wire_request(payloadSize: UInt64(merged.count), outputLimit: limits.outputBytes)
            let start = UInt64(TALKOOT_WIRE_REQUEST_PAYLOAD)
            guard request.payload_size <= CellConfiguration.requestBytes - start else { return .failure(Self.tooLarge) }
            request.payload = start
            if state.isAlive { merged.withUnsafeBytes { process.request.write($0, at: start) } }
            return output(call(TALKOOT_CALL_FINISH, request, &state), &state)
        }
    }

    /// Whether two results of one unit agree. Without `equal` in the module they do when their bytes are the same.
    public func equal(_ left: [UInt8], _ right: [UInt8]) -> CellAnswer<Bool> {
        guard hasEqual, left != right else { return .value(left == right) }
        return state.withLock { state in
            guard let request = request(of: [left, right], size: UInt64(left.count) + UInt64(right.count), &state) else {
                return .failure(Self.tooLarge)
            }
            switch call(TALKOOT_CALL_EQUAL, request, &state) {
            case .success: return .value(process.status().items == 1)
            case .failure(let fault): return .failure(fault.outcome)
            }
        }
    }

    private func fold(_ results: [[UInt8]], size: UInt64) -> CellAnswer<[UInt8]> {
        state.withLock { state in
            guard let request = request(of: results, size: size, &state) else { return .failure(Self.tooLarge) }
            return output(call(TALKOOT_CALL_MERGE, request, &state), &state)
        }
    }

    /// A request over several results, which are `size` bytes together; nil when they are too large.
    private func request(of results: [[UInt8]], size: UInt64, _ state: inout State) -> talkoot_wire_request? {
        let table = UInt64(TALKOOT_WIRE_REQUEST_PAYLOAD)
        var request = talkoot_wire_request(payloadSize: size, outputLimit: limits.outputBytes)
        request.count = UInt64(results.count)
        request.ends = table
        request.payload = (table + 8 * request.count + 15) & ~15
        guard request.payload + size <= CellConfiguration.requestBytes else { return nil }
        var end: UInt64 = 0
        var ends: [UInt64] = []
        for result in results where state.isAlive {
            result.withUnsafeBytes { process.request.write($0, at: request.payload + end) }
            end += UInt64(result.count)
            ends.append(end)
        }
        ends.withUnsafeBytes { process.request.write($0, at: table) }
        return request
    }

    private static let tooLarge = UnitOutcome.failed(message: "its results are larger than the 1 GiB that a cell can take at once")

    /// Log text of the module since the last call: its standard output and error, and what it gave to `log`. At most
    /// `limits.logBytes`; what was too much is dropped, and a last line says so.
    public func takeLog() -> String {
        state.withLock { state in
            var bytes = [UInt8](repeating: 0, count: Int(clamping: min(limits.logBytes, 1 << 20)))
            var count = 0
            while count < bytes.count {
                let more = bytes.withUnsafeMutableBytes { read(process.log.number, $0.baseAddress?.advanced(by: count), $0.count - count) }
                guard more > 0 else { break }
                count += more
            }
            let dropped = process.status().log_dropped
            let text = String(decoding: bytes.prefix(count), as: UTF8.self)
            guard dropped > state.logDropped else { return text }
            defer { state.logDropped = dropped }
            return text + "[\(dropped - state.logDropped) bytes of log dropped]\n"
        }
    }

    /// Stops the process within a millisecond or so, whatever it does; any thread may call. Its time does not count meanwhile.
    public func pause() { process.hold(.owner) }

    /// Lets a paused process go on.
    public func resume() { process.release(.owner) }

    /// Ends the process. From another thread it also ends a call that is going on.
    public func close() {
        process.kill()
        state.withLock { state in
            state.isAlive = false
            _ = process.reap(milliseconds: -1)
        }
    }
}
