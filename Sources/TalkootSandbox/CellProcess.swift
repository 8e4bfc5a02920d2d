import CTalkootSystem
import Glibc
import Synchronization
import TalkootCore

/// A started cell: the process and everything that is shared with it. Killed and reaped with its last owner.
final class CellProcess: Sendable {
    let process: pid_t
    let pidfd: Descriptor
    /// Our end of the socket.
    let control: Descriptor
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
        let parts = try Self.parts(configuration, library: library)
        let lease = common?.group(for: configuration.limits)
        let started = spawner.start(
            descriptors: [
                parts.null.number, parts.logWriter.number, parts.logWriter.number, parts.controlOfCell.number, parts.module.number,
                parts.requestOfCell.number, parts.response.file.number,
            ], layers: configuration.layers, lease: lease)
        guard started.error == 0 else { throw .step(started.step, error: started.error) }
        process = started.process
        pidfd = Descriptor(started.pidfd)
        request = parts.request
        response = parts.response
        self.library = library
        self.spawner = spawner
        self.lease = lease
        isTemplate = configuration.unitSeconds != 0
        self.common = common
        isInGroups = lease != nil && started.is_outside == 0
        control = parts.takeControl()
        log = parts.takeLog()
    }

    deinit {
        common?.registry.remove(ObjectIdentifier(self))
        kill()
        var ending = talkoot_ending()
        _ = talkoot_reap(pidfd.number, -1, &ending)
    }

    /// Ends the process at once. Safe from any thread, at any time, more than once.
    func kill() { _ = talkoot_signal(pidfd.number, SIGKILL) }

    /// Everything that has to exist before a cell can start.
    private final class Parts {
        let null: Descriptor
        let module: Descriptor
        let request: SharedMemory
        let requestOfCell: Descriptor
        let response: SharedMemory
        let controlOfCell: Descriptor
        let logWriter: Descriptor
        private var controlNumber: Int32
        private var logNumber: Int32

        init(
            null: consuming Descriptor, module: consuming Descriptor, request: SharedMemory, requestOfCell: consuming Descriptor,
            response: SharedMemory, control: [Int32], log: [Int32]
        ) {
            self.null = null
            self.module = module
            self.request = request
            self.requestOfCell = requestOfCell
            self.response = response
            controlOfCell = Descriptor(control[1])
            logWriter = Descriptor(log[1])
            controlNumber = control[0]
            logNumber = log[0]
        }

        func takeControl() -> Descriptor {
            defer { controlNumber = -1 }
            return Descriptor(controlNumber)
        }

        func takeLog() -> Descriptor {
            defer { logNumber = -1 }
            return Descriptor(logNumber)
        }

        deinit {
            if controlNumber >= 0 { close(controlNumber) }
            if logNumber >= 0 { close(logNumber) }
        }
    }

    private static func parts(_ configuration: CellConfiguration, library: LibraryImage?) throws(LaunchFault) -> Parts {
        do throws(TalkootError) {
            let request = try SharedMemory(name: "request", sizeBytes: CellConfiguration.requestBytes)
            let bytes = try configuration.encoded()
            bytes.withUnsafeBytes { request.write($0, at: 0) }
            let size = CellConfiguration.responseBytes(outputBytes: configuration.limits.outputBytes)
            let response = try SharedMemory(name: "response", sizeBytes: size)
            let null = try openNull()
            let module = if let library { try library.reopen() } else { try openNull() }
            let requestOfCell = try request.reopenReadOnly()
            var control: [Int32] = [-1, -1]
            try check(talkoot_packet_pair(&control), "a socket")
            var log: [Int32] = [-1, -1]
            let piped = talkoot_log_pipe(&log, Int(clamping: configuration.limits.logBytes))
            if piped < 0 { control.forEach { close($0) } }
            try check(piped, "a pipe")
            return Parts(
                null: null, module: module, request: request, requestOfCell: requestOfCell, response: response, control: control, log: log)
        } catch {
            throw .machine(error)
        }
    }

    private static func openNull() throws(TalkootError) -> Descriptor {
        let number = open("/dev/null", O_RDONLY | O_CLOEXEC)
        try check(number < 0 ? -errno : 0, "/dev/null")
        return Descriptor(number)
    }

    private static func check(_ code: Int32, _ subject: String) throws(TalkootError) {
        guard code < 0 else { return }
        throw TalkootError(
            .cannotCreate, "\(subject) for a cell cannot be made: \(SystemMessage.text(-code))", remedy: "raise the limit of open files")
    }
}

extension CellProcess {
    /// Waits for the end of the process and reaps it; nil when it did not end in time (-1: no limit) or is reaped already.
    func reap(milliseconds: Int32) -> talkoot_ending? {
        var ending = talkoot_ending()
        return talkoot_reap(pidfd.number, milliseconds, &ending) == 0 ? ending : nil
    }

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
