import ArgumentParser
import TalkootCore
import TalkootSandbox

/// `talkoot doctor`: what this machine can do, and what keeps it from more.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show how well this machine confines modules, and what to do about what is missing.",
        discussion: """
            talkoot doctor
            talkoot doctor --json
            talkoot doctor --policy
            talkoot doctor --attack

            Level 4 is all layers, 2 is without namespaces, 1 is the system call filter alone; at 0 nothing is run and \
            the exit status is 77.

            --attack runs a hostile module in real cells on this machine and prints a line for each of its attempts: what it \
            tried, what came of it and which layer stopped it. The exit status is 1 when an attempt succeeds.
            """)

    @Flag(help: "Print the system calls that a module may make, line by line, and nothing else.")
    var policy = false
    @Flag(name: .long, help: "Attack this machine from inside cells, and show what stops each attempt.")
    var attack = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    private struct Answer: Encodable {
        struct Line: Encodable {
            var name: String
            var ok: Bool
            var detail: String
            var remedy: String?
        }
        var level: Int
        var version: String
        var layers: [Line]
        var machine: [Line]
    }

    func run() async throws {
        if policy { return try printPolicy() }
        if attack { return try AttackDemonstration.run(json: output.json) }
        let home = try home.locate()
        let confinement = Result { () throws(TalkootError) in try CellLauncher.inspect() }
        let machine = MachineFindings.all(home: home)
        var findings: [MachineFinding] = []
        var level = ConfinementLevel.none
        switch confinement {
        case .success(let found):
            level = found.level
            findings = (found.layers + [found.controlGroups]).map {
                MachineFinding(name: $0.name, isGood: $0.isActive, detail: $0.isActive ? $0.purpose : $0.reason, remedy: $0.remedy)
            }
        case .failure(let error):
            findings = [MachineFinding(name: "cell", isGood: false, detail: error.message, remedy: error.remedy)]
        }
        if output.json {
            try JSONText.print(
                Answer(level: level.rawValue, version: Version.text, layers: findings.map(Self.line), machine: machine.map(Self.line)))
        } else {
            try StandardStream.print("confinement level \(level): \(Self.meaning(level))")
            for finding in findings + machine { try Self.print(finding) }
        }
        if level == .none { throw ExitCode(77) }
    }

    private func printPolicy() throws(TalkootError) {
        let document = PolicyDocument.standard
        if output.json { return try JSONText.print(document) }
        var table = WrappedTable([("call", 26), ("when", 13), ("arguments", 34), ("answer", 26), ("why", 33)])
        for line in document.lines { table.add([line.names, line.stage, line.condition, line.answer, line.reason]) }
        try table.print()
        for note in PolicyDocument.notes { try StandardStream.print("- " + note) }
    }

    private static func line(_ finding: MachineFinding) -> Answer.Line {
        Answer.Line(name: finding.name, ok: finding.isGood, detail: finding.detail, remedy: finding.remedy.isEmpty ? nil : finding.remedy)
    }

    private static func print(_ finding: MachineFinding) throws(TalkootError) {
        let name = finding.name + String(repeating: " ", count: max(1, 20 - finding.name.count))
        try StandardStream.print("  \(finding.isGood ? "ok     " : "missing") \(name)\(finding.detail)")
        if !finding.remedy.isEmpty { try StandardStream.print("          \(String(repeating: " ", count: 20))to do: \(finding.remedy)") }
    }

    private static func meaning(_ level: ConfinementLevel) -> String {
        switch level {
        case .none: "nothing holds, so no module is run here"
        case .filtered: "system call filter and limits only"
        case .landlocked: "all but the namespaces"
        case .full: "all layers hold"
        }
    }
}
