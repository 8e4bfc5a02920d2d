import CTalkootSystem
import Glibc
import Synchronization
import TalkootCore

/// A started cell: the process and everything that is shared with it. Killed and reaped with its last owner.
final class CellProcess: Sendable {
    let process: pid_t
    let pidfd: Descriptor
    /// The counter that tells the cell of calls.
    let calls: Descriptor
    /// What it answers.
    let answers: Descriptor
    /// What the processes of a template's units answer; -1 in other cells.
    let unitAnswers: Descriptor
    /// The library as a template's units read it, with the same place in the file; -1 in other cells.
    let module: Descriptor
    /// Our end of the pipe that is the cell's standard output and error.
    let log: Descriptor
    let request: SharedMemory
    let response: SharedMemory
    /// What it loads; nil for a probe.
    let library: LibraryImage?
    /// Its control groups; nil when there are none.
    let lease: CellGroupLease?
    /// Whether it is in all of them.
    let isInGroups: Bool
    /// Whether it runs each unit in a process of its own.
    let isTemplate: Bool
    /// What its units' processes used that have ended.
    let unitsProcessorSeconds = Mutex(0.0)
    /// Whether and for how long it was held.
    let holding = Mutex(HoldClock())
    let common: CellControl?
    /// Keeps the thread alive that the cell's life is tied to.
    private let spawner: Spawner

    /// Starts a cell; it reads its configuration from the request memory.
    ///
    /// - Throws: ``LaunchFault``: `machine` when something cannot be made, `step` when the new process fails before it runs.
    init(
        spawner: Spawner, configuration: CellConfiguration, library: LibraryImage?, common: CellControl? = nil
    ) throws(LaunchFault) {
        let isTemplate = configuration.unitSeconds != 0
        let parts: CellParts
        do throws(TalkootError) {
            parts = try CellParts(configuration, library: library, isTemplate: isTemplate)
        } catch {
            throw .machine(error)
        }
        let lease = common?.group(for: configuration.limits)
        let started = spawner.start(descriptors: parts.ofCell, layers: configuration.layers, preload: configuration.preload, lease: lease)
        guard started.error == 0 else { throw .step(started.step, error: started.error) }
        process = started.process
        pidfd = Descriptor(started.pidfd)
        request = parts.request
        response = parts.response
        self.library = library
        self.spawner = spawner
        self.lease = lease
        self.isTemplate = isTemplate
        self.common = common
        isInGroups = lease != nil && started.is_outside == 0
        calls = parts.open.take(parts.calls)
        log = parts.open.take(parts.log)
        answers = parts.open.take(parts.answers)
        unitAnswers = parts.unitAnswers.map(parts.open.take) ?? Descriptor(-1)
        module = isTemplate ? parts.open.take(parts.module) : Descriptor(-1)
    }

    deinit {
        common?.registry.remove(ObjectIdentifier(self))
        kill()
        var ending = talkoot_ending()
        _ = talkoot_reap(pidfd.number, -1, &ending)
    }

    /// Ends the process at once. Safe from any thread, at any time, more than once.
    func kill() { _ = talkoot_signal(pidfd.number, SIGKILL) }
}

extension CellProcess {
    /// Waits for the end of the process and reaps it; nil when it did not end in time (-1: no limit) or is reaped already.
    func reap(milliseconds: Int32) -> talkoot_ending? {
        var ending = talkoot_ending()
        return talkoot_reap(pidfd.number, milliseconds, &ending) == 0 ? ending : nil
    }

    /// Puts a call into the request memory; ``raise()`` tells the cell of it.
    func write(_ request: talkoot_wire_request, call: Int, sequence: UInt64) {
        var request = request
        request.call = UInt32(call)
        request.sequence = sequence
        withUnsafeBytes(of: request) { self.request.write($0, at: 0) }
    }

    /// Tells the cell of the call in the request memory. A cell that is gone shows in its answers.
    func raise() { _ = talkoot_calls_raise(calls.number) }

    /// A copy of the status page, as the cell left it at this moment.
    func status() -> talkoot_wire_status {
        var status = talkoot_wire_status()
        withUnsafeMutableBytes(of: &status) { response.copy(from: 0, to: $0) }
        return status
    }

    /// How many units of the present exchange the cell says are done. It may lie.
    var unitsDone: UInt64 {
        var done: UInt64 = 0
        withUnsafeMutableBytes(of: &done) { response.copy(from: 0, to: $0) }
        return done
    }

    /// Where the request page lies, for a ``StopLine``.
    var requestPage: UInt { request.address }
}
