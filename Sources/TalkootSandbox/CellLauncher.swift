import CTalkootSystem
import Glibc
import Synchronization
public import TalkootCore

/// Starts cells. Holds what they share: the thread that starts them, the filters, and what this machine can confine.
///
/// Cells die with their launcher's last owner, each of which is one.
public final class CellLauncher: Sendable {
    /// How strongly cells of this launcher are confined; never `.none`.
    public let level: ConfinementLevel
    /// Each layer with its state, in the order in which a module would meet them.
    public let layers: [LayerReport]
    /// The executable that becomes a cell.
    public let cellPath: String

    /// What control groups add to the layers here; cells do without where none can be made.
    public let controlGroups: LayerReport

    private let starter: CellStarter
    let common: CellControl
    private let active: LayerSet

    private init(starter: CellStarter, common: CellControl, probe: LevelProbe) {
        self.starter = starter
        self.common = common
        controlGroups = common.report
        cellPath = starter.cellPath
        level = probe.level
        layers = probe.reports
        active = probe.layers
    }

    /// Finds talkoot-cell, builds the filters, and finds out by trying what this machine can confine. 5 to 20 ms.
    ///
    /// Without a path it is looked for in `$TALKOOT_CELL`, beside the running program, and in `../libexec/talkoot`.
    ///
    /// - Parameters:
    ///   - cellPath: the executable that becomes a cell.
    ///   - processorShare: how much of the time of its processors a cell may use, above 0, at most 1: by a control group where one
    ///     can be made, else by stopping it every few milliseconds.
    ///   - surroundings: what is different in these cells, for those who test whether a module depends on it.
    /// - Throws: ``TalkootError`` `notFound` when there is no talkoot-cell, `refused` when nothing holds here (level 0),
    ///   `cannotCreate` when a thread or a descriptor is lacking.
    public static func open(
        cellPath: String? = nil, processorShare: Double = 1, surroundings: CellSurroundings = CellSurroundings()
    ) throws(TalkootError) -> CellLauncher {
        precondition(processorShare > 0 && processorShare <= 1, "a share lies above 0 and is at most 1")
        let (starter, common, probe) = try probed(cellPath: cellPath, processorShare: processorShare, surroundings: surroundings)
        guard probe.level != .none else {
            let missing = probe.reports.first { !$0.isActive && $0.isRequired } ?? probe.reports[0]
            throw TalkootError(
                .refused, "this machine cannot confine a module: \(missing.name): \(missing.reason)", remedy: missing.remedy)
        }
        return CellLauncher(starter: starter, common: common, probe: probe)
    }

    /// What this machine can confine, also when that is nothing: for `talkoot doctor`.
    ///
    /// - Throws: ``TalkootError`` `notFound` when there is no talkoot-cell, `cannotCreate` when a thread or a descriptor is lacking.
    public static func inspect(
        cellPath: String? = nil
    ) throws(TalkootError) -> (level: ConfinementLevel, layers: [LayerReport], controlGroups: LayerReport) {
        let (_, common, probe) = try probed(cellPath: cellPath, processorShare: 1)
        return (probe.level, probe.reports, common.report)
    }

    private static func probed(
        cellPath: String?, processorShare: Double, surroundings: CellSurroundings = CellSurroundings()
    ) throws(TalkootError) -> (CellStarter, CellControl, LevelProbe) {
        let path = try CellLocation.find(given: cellPath)
        // Before the zygote is there: an agent that steps aside in its control group has to be alone in it.
        let common = try CellControl(processorShare: processorShare)
        let starter = CellStarter(cellPath: path, spawner: try Spawner(path: path, surroundings: surroundings), common: common)
        return (starter, common, try LevelProbe(starter: starter))
    }

    /// Whether the cells are paused.
    public var isPaused: Bool { common.registry.isPaused }

    /// Pauses every cell, also those that start from now on, within a millisecond or so. Time that they are paused does not count.
    public func pause() { common.registry.setPaused(true) }

    /// Lets the cells go on.
    public func resume() { common.registry.setPaused(false) }

    /// Starts a cell and loads the module. Blocks, 1 to 5 ms and the time of the module's constructors.
    ///
    /// - Throws: ``TalkootError`` `badData` when the module cannot be loaded or misbehaves while it is, `usage` when a limit
    ///   is out of range, `cannotCreate` when the machine lacks something, `refused` when a layer does not hold.
    public func launch(_ settings: CellSettings) throws(TalkootError) -> Cell {
        do throws(LaunchFault) {
            return try start(settings)
        } catch {
            throw error.talkootError
        }
    }

    /// As ``launch(_:)``, telling a module's fault from the machine's.
    func start(_ settings: CellSettings) throws(LaunchFault) -> Cell { try starter.start(settings, layers: active) }
}
