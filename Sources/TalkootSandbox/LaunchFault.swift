import CTalkootSystem
import TalkootCore

/// Why a cell did not start.
enum LaunchFault: Error {
    /// The system lacks something, or this program is broken.
    case machine(TalkootError)
    /// A layer of confinement could not be put up.
    case step(UInt32, error: Int32)
    /// The module is to blame: it could not be loaded, or did something forbidden while it was.
    case module(UnitOutcome)

    /// As the error of a public function.
    var talkootError: TalkootError {
        switch self {
        case .machine(let error): error
        case .step(let step, let error):
            TalkootError(
                .refused, "a cell cannot be confined: \(ConfinementStep.name(step)): \(SystemMessage.text(error))",
                remedy: "see `talkoot doctor`")
        case .module(let outcome):
            TalkootError(.badData, "the module cannot be loaded: it \(outcome.summary)", remedy: "check it with `talkoot module inspect`")
        }
    }
}

/// The steps of starting a cell, in words.
enum ConfinementStep {
    private static let names: [Int: String] = [
        TALKOOT_STEP_CLONE: "making a process in new namespaces", TALKOOT_STEP_USER_MAP: "mapping the user id",
        TALKOOT_STEP_DESCRIPTORS: "placing descriptors", TALKOOT_STEP_EXECUTE: "executing talkoot-cell",
        TALKOOT_STEP_CONFIGURATION: "reading the configuration", TALKOOT_STEP_PARENT: "tying it to its parent",
        TALKOOT_STEP_PRELOAD: "opening the C++ library", TALKOOT_STEP_HOST_NAME: "setting the host name",
        TALKOOT_STEP_MOUNT: "mounting an empty root", TALKOOT_STEP_PIVOT: "entering the empty root",
        TALKOOT_STEP_IDENTITY: "becoming another user", TALKOOT_STEP_CAPABILITIES: "dropping capabilities",
        TALKOOT_STEP_NO_NEW_PRIVILEGES: "giving up new privileges", TALKOOT_STEP_LANDLOCK: "Landlock",
        TALKOOT_STEP_LIMITS: "resource limits", TALKOOT_STEP_HANDSHAKE: "the look from outside",
        TALKOOT_STEP_FILTER_LOADING: "the system call filter", TALKOOT_STEP_FILTER_RUNNING: "the second system call filter",
    ]

    static func name(_ step: UInt32) -> String { names[Int(step)] ?? "step \(step)" }

    /// Whether the namespaces were there and something in them was refused, as AppArmor does it.
    static func isNamespaceMade(_ step: UInt32) -> Bool { Int(step) != TALKOOT_STEP_CLONE }

    /// The layer that a step belongs to.
    static func layer(_ step: UInt32) -> LayerSet? {
        switch Int(step) {
        case TALKOOT_STEP_CLONE, TALKOOT_STEP_USER_MAP, TALKOOT_STEP_HOST_NAME, TALKOOT_STEP_MOUNT, TALKOOT_STEP_PIVOT:
            [.namespaces, .userNamespace]
        case TALKOOT_STEP_IDENTITY, TALKOOT_STEP_CAPABILITIES: .ownUser
        case TALKOOT_STEP_LANDLOCK: .landlock
        case TALKOOT_STEP_LIMITS: .limits
        case TALKOOT_STEP_FILTER_LOADING, TALKOOT_STEP_FILTER_RUNNING: .filter
        default: nil
        }
    }
}
