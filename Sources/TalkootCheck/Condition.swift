import TalkootCore
import TalkootSandbox

/// What is different in a cell, against the reference: exactly one thing.
enum Condition: CaseIterable {
    /// Nothing.
    case reference
    /// Every address: the loader's and the kernel's choice anew.
    case addresses
    /// What fresh memory of the heap holds.
    case memory
    /// The date and the time of the day.
    case clock
    /// Language and time zone.
    case locale

    /// The variables of the environment, together of the same length in each condition: even the stack starts at the same address.
    func variables(shim: String?) -> [String: String] {
        var variables = [
            "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0:glibc.malloc.perturb=\(self == .memory ? "85" : "00")",
            "LC_ALL": self == .locale ? "C.UTF-8" : "C",
            "TZ": self == .locale ? "XXX-11:30" : "UTC0",
            "TALKOOT_CLOCK": self == .clock ? String(CheckLimits.clockSeconds) : String(repeating: "0", count: 8),
        ]
        variables["TALKOOT_PAD"] = self == .locale ? "" : "12345678901"
        if let shim { variables["LD_PRELOAD"] = shim }
        return variables
    }

    /// Whether this condition needs the library that stands between the module and the clock.
    var needsShim: Bool { self == .clock }
}

/// Launchers of cells for each condition; opened when first asked for.
final class Conditions {
    private let cellPath: String?
    /// The clock's shim; `nil` when there is no C compiler.
    let shim: ClockShim?
    private var launchers: [Condition: CellLauncher] = [:]

    init(cellPath: String?) {
        self.cellPath = cellPath
        shim = try? ClockShim()
    }

    /// - Throws: ``TalkootError`` when this machine cannot confine a module.
    func launcher(_ condition: Condition) throws(TalkootError) -> CellLauncher {
        if let known = launchers[condition] { return known }
        let surroundings = CellSurroundings(
            variables: condition.variables(shim: shim?.path), areAddressesFixed: condition != .addresses)
        let launcher = try CellLauncher.open(cellPath: cellPath, surroundings: surroundings)
        launchers[condition] = launcher
        return launcher
    }
}
