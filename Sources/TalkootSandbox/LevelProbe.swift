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
        let isRoot = geteuid() == 0
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

/// A layer in words.
private struct Layer {
    var bit: LayerSet
    var name: String
    var purpose: String
    var remedy: String

    static func all(isRoot: Bool) -> [Layer] {
        [
            Layer(
                bit: .namespaces, name: "namespaces", purpose: "no files, network, processes or host name to see",
                remedy: isRoot
                    ? "grant CAP_SYS_ADMIN, or run talkoot as an ordinary user"
                    : "allow user namespaces: `sysctl user.max_user_namespaces`, on Ubuntu an AppArmor profile with `userns,`"),
            Layer(
                bit: isRoot ? .ownUser : .userNamespace, name: "own user", purpose: "no rights of the account that runs talkoot",
                remedy: isRoot ? "grant CAP_SETUID, CAP_SETGID and CAP_SETPCAP, or run talkoot as an ordinary user" : "as for namespaces"),
            Layer(
                bit: .landlock, name: "landlock", purpose: "no access to files and ports, whatever else fails",
                remedy: "use Linux 5.13 or later with `landlock` among the kernel's security modules (`lsm=`)"),
            Layer(
                bit: .limits, name: "limits", purpose: "bounded memory, processor time, descriptors; no core files",
                remedy: "mount /proc, and lift what forbids setrlimit"),
            Layer(
                bit: .filter, name: "system call filter", purpose: "about forty of the kernel's calls, no others",
                remedy: "use a kernel with CONFIG_SECCOMP_FILTER, and a container that allows seccomp"),
        ]
    }

    func report(active: LayerSet, faults: [LayerSet: (step: UInt32, error: Int32)]) -> LayerReport {
        if active.contains(bit) { return LayerReport(name: name, purpose: purpose, isActive: true) }
        let fault = faults.first { $0.key.contains(bit) }
        let reason = fault.map { "\(ConfinementStep.name($0.value.step)): \(SystemMessage.text($0.value.error))" } ?? "not tried"
        return LayerReport(name: name, purpose: purpose, isActive: false, reason: reason, remedy: remedy)
    }
}

extension LayerReport {
    /// Whether nothing runs without it.
    var isRequired: Bool { name == "limits" || name == "system call filter" }
}
