import CTalkootSystem
import Glibc
import Synchronization
import TalkootCore

/// Brings a cell from nothing to a loaded module, with any set of layers.
final class CellStarter: Sendable {
    /// How long a new process may take until it is confined, in seconds: it runs none of the module's code yet.
    private static let confiningSeconds = 20.0
    /// How long a module may take to be loaded, in seconds, when a unit may take longer.
    private static let loadingSeconds = 20.0

    private struct Profile: Hashable {
        var part: FilterProgram.Part
        var isThreaded: Bool
    }

    let cellPath: String
    let spawner: Spawner
    private let common: CellControl?
    private let policy: SystemCallPolicy
    private let check = ConfinementCheck()
    private let filters = Mutex<[Profile: [UInt8]]>([:])

    /// Another policy than the standard one is for tests of the policy.
    init(cellPath: String, spawner: Spawner, common: CellControl? = nil, policy: SystemCallPolicy = .standard) {
        self.cellPath = cellPath
        self.spawner = spawner
        self.common = common
        self.policy = policy
    }

    /// A cell with its module.
    func start(_ settings: CellSettings, layers: LayerSet) throws(LaunchFault) -> Cell {
        try Self.checkLimits(settings.limits)
        var configuration = try configuration(layers: layers, limits: settings.limits)
        configuration.preload = settings.library.preload
        configuration.user = CellSettings.firstUserID + UInt32(settings.slot)
        configuration.parameters = settings.parameters
        if settings.isolation == .unit {
            configuration.unitSeconds = UnitProcess.wholeSeconds(settings.limits)
            if layers.contains(.filter) {
                configuration.filters.template = try filter(.template, settings.limits)
                configuration.filters.loading = try filter(.copy, settings.limits)
            }
        }
        let process = try confine(configuration, library: settings.library, common: common)
        try load(process, limits: settings.limits)
        return Cell(process: process, limits: settings.limits, isolation: settings.isolation, sequence: 2)
    }

    /// Puts up the layers round nothing, to see whether they hold.
    func probe(layers: LayerSet) throws(LaunchFault) {
        var configuration = try configuration(layers: layers, limits: CellLimits())
        configuration.isProbe = true
        configuration.user = CellSettings.firstUserID + UInt32(CellSettings.slotLimit) - 1
        let process = try confine(configuration, library: nil, common: nil)
        try load(process, limits: CellLimits())
    }

    private func configuration(layers: LayerSet, limits: CellLimits) throws(LaunchFault) -> CellConfiguration {
        var filters = CellFilters()
        if layers.contains(.filter) {
            filters.loading = try filter(.loading, limits)
            filters.running = try filter(.running, limits)
        }
        return CellConfiguration(layers: layers, limits: limits, handlerAnswers: policy.handlerAnswers, filters: filters)
    }

    private func filter(_ part: FilterProgram.Part, _ limits: CellLimits) throws(LaunchFault) -> [UInt8] {
        let profile = Profile(part: part, isThreaded: limits.threads > 1)
        if let known = filters.withLock({ $0[profile] }) { return known }
        do throws(TalkootError) {
            let program = try FilterProgram(policy, part: part, isThreaded: profile.isThreaded)
            filters.withLock { $0[profile] = program.bytes }
            return program.bytes
        } catch {
            // libseccomp asks the kernel what it can; the policy itself is held to by tests.
            throw .step(UInt32(TALKOOT_STEP_FILTER_LOADING), error: EINVAL)
        }
    }

    /// Starts the process, waits until it says that it is confined, and looks for itself.
    private func confine(
        _ configuration: CellConfiguration, library: LibraryImage?, common: CellControl?
    ) throws(LaunchFault) -> CellProcess {
        let process = try CellProcess(spawner: spawner, configuration: configuration, library: library, common: common)
        common?.watch(process, limits: configuration.limits)
        let exchange = CellExchange(process: process, limits: configuration.limits)
        let seconds = Self.confiningSeconds
        let end = exchange.receive(call: TALKOOT_CALL_READY, sequence: 0, wallSeconds: seconds, processorSeconds: seconds)
        if case .dead(let outcome, _) = end {
            throw .machine(
                TalkootError(.cannotCreate, "a cell ended before it had a module: it \(outcome.summary)", remedy: "see `talkoot doctor`"))
        }
        guard case .answered(UInt32(TALKOOT_END_DONE), false) = end else { throw fault(end, process) }
        if let fault = check.fault(process: process.process, layers: configuration.layers, user: configuration.user) {
            throw .machine(
                TalkootError(.refused, "a cell is not confined as it should be: \(fault)", remedy: "report this with `talkoot doctor`"))
        }
        return process
    }

    /// Lets the process load its module.
    private func load(_ process: CellProcess, limits: CellLimits) throws(LaunchFault) {
        let exchange = CellExchange(process: process, limits: limits)
        process.write(talkoot_wire_request(), call: TALKOOT_CALL_GO, sequence: 2)
        process.raise()
        let end = exchange.receive(
            call: TALKOOT_CALL_LOADED, sequence: 2, wallSeconds: min(limits.unitWallSeconds, Self.loadingSeconds),
            processorSeconds: min(limits.unitProcessorSeconds, Self.loadingSeconds))
        guard case .answered(UInt32(TALKOOT_END_DONE), false) = end else { throw fault(end, process) }
        // Not earlier: on a busy machine each step of the start would wait for everybody else. A failure costs comfort only.
        _ = talkoot_step_back(process.process)
        process.lease?.group.setWeight(.running)
    }

    /// Why a start ended early.
    private func fault(_ end: CellExchange.End, _ process: CellProcess) -> LaunchFault {
        switch end {
        case .dead(let outcome, _): return .module(outcome)
        case .answered(let code, _):
            let status = process.status()
            if code == UInt32(TALKOOT_END_STEP) { return .step(status.step, error: status.error) }
            return .module(.failed(message: CellDeath.message(status)))
        }
    }

    private static func checkLimits(_ limits: CellLimits) throws(LaunchFault) {
        let holds =
            limits.memoryBytes >= 8 << 20 && limits.memoryBytes <= 1 << 46 && limits.outputBytes <= CellConfiguration.outputLimitBytes
            && limits.threads >= 1 && limits.threads <= 1024 && limits.unitWallSeconds > 0 && limits.unitProcessorSeconds > 0
        guard !holds else { return }
        throw .machine(
            TalkootError(
                .usage, "the limits of a cell are out of range",
                remedy: "give at least 8 MiB of memory, at most 4 GiB of output, 1 to 1024 threads, and times above 0"))
    }
}
