/// All attacks, in order: what tests expect, `talkoot doctor --attack` prints and `docs/threat-model.md` shows.
public enum AttackTable {
    /// The attacks that this machine's processor knows; an attack's number is its place, counted from 1.
    public static let attacks: [Attack] =
        files + descriptors + network + processes + rights + memory + kernel + interfaces + tricks + life + lies

    /// The table as Markdown, one line for each attack.
    public static var markdown: String {
        let lines = attacks.enumerated().map { index, attack in
            let moments = attack.moments.map(\.letter).joined(separator: " ")
            let layers = attack.layers.map(\.title).joined(separator: ", ")
            return "| \(index + 1) | \(attack.name) | \(moments) | \(attack.tries) | \(attack.verdict.summary) | \(layers) |"
        }
        return (["| # | attack | when | what it tries | verdict | stopped by, each alone |", "|---|---|---|---|---|---|"] + lines)
            .map { $0 + "\n" }.joined()
    }
}

extension Attack.Moment {
    /// The moment as one letter of the table.
    fileprivate var letter: String {
        switch self {
        case .run: "r"
        case .constructor: "c"
        case .resolver: "i"
        }
    }
}

extension Attack.Layer {
    /// The layer in words.
    public var title: String {
        switch self {
        case .filter: "system call filter"
        case .landlock: "Landlock"
        case .namespaces: "namespaces"
        case .limits: "limits"
        case .rights: "no rights"
        case .start: "fresh process"
        case .watchdog: "watchdog"
        case .checks: "agent's checks"
        case .pages: "page protection"
        }
    }
}
