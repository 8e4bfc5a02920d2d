import Glibc
import TalkootCore

/// Finds out what this machine can confine by putting all layers up round nothing, and leaving out those that fail.
struct LevelProbe {
    /// The layers that hold.
    let layers: LayerSet
    /// What they make.
    let level: ConfinementLevel
    /// Each layer with its state.
    let reports: [LayerReport]

    /// - Throws: ``TalkootError`` when it is not a layer that fails but the machine or the executable.
    init(starter: CellStarter) throws(TalkootError) {
        let isRoot = geteuid() == 0 && UserMap.own.hasUsersOfCells
        var wanted = LayerSet.all(isRoot: isRoot)
        var faults: [LayerSet: (step: UInt32, error: Int32)] = [:]
        while true {
            do throws(LaunchFault) {
                try starter.probe(layers: wanted)
                break
            } catch {
                guard case .step(let step, let number) = error, let layer = ConfinementStep.layer(step), !wanted.isDisjoint(with: layer)
                else { throw error.talkootError }
                wanted.subtract(layer)
                faults[layer] = (step, number)
            }
        }
        layers = wanted
        level = ConfinementLevel(rawValue: wanted.level(isRoot: isRoot)) ?? .none
        reports = Layer.all(isRoot: isRoot).map { layer in layer.report(active: wanted, faults: faults) }
    }
}

extension LayerReport {
    /// Whether nothing runs without it.
    var isRequired: Bool { name == "limits" || name == "system call filter" }
}
