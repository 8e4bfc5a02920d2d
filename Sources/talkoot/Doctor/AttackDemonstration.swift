import ArgumentParser
import TalkootCore
import TalkootSandbox

/// `talkoot doctor --attack`: the hostile module in real cells on this machine, a line for each attempt.
struct AttackDemonstration {
    private struct Line: Encodable {
        var number: Int
        var attack: String
        var when: Attack.Moment
        var tries: String
        var stopped: Bool
        var verdict: String
        var expected: String
        var layer: String
    }

    private struct Answer: Encodable {
        var version = Version.text
        var level: Int
        var attempts: [Line]
        var stopped: Int
        var succeeded: Int
    }

    /// Makes all attempts, some five seconds when nothing else runs, and prints what came of them.
    ///
    /// - Throws: ``TalkootError`` `notFound` without the hostile module, `refused` (77) when nothing confines here; `ExitCode` 1 when
    ///   an attempt succeeds.
    static func run(json: Bool) throws {
        let launcher = try CellLauncher.open()
        let suite = try AttackSuite(launcher: launcher, library: try HostilePackage.library())
        let attempts = AttackSuite.attempts
        if !json {
            try StandardStream.print("confinement level \(launcher.level): \(attempts.count) attempts, each in a cell of its own")
        }
        var lines: [Line] = []
        for attempt in attempts {
            let finding = try suite.perform(attempt)
            lines.append(line(finding))
            if !json { try StandardStream.print(text(finding)) }
        }
        let succeeded = lines.count { !$0.stopped }
        let answer = Answer(level: launcher.level.rawValue, attempts: lines, stopped: lines.count - succeeded, succeeded: succeeded)
        if json {
            try JSONText.print(answer)
        } else {
            try StandardStream.print("\(answer.stopped) of \(lines.count) attempts were stopped")
        }
        if succeeded > 0 { throw ExitCode(1) }
    }

    private static func line(_ finding: AttackSuite.Finding) -> Line {
        let (attempt, attack) = (finding.attempt, finding.attempt.attack)
        return Line(
            number: attempt.number, attack: attack.name, when: attempt.moment, tries: attack.tries, stopped: !finding.isThrough,
            verdict: finding.verdict.summary, expected: attack.verdict.summary, layer: attack.layers.first?.title ?? "")
    }

    private static func text(_ finding: AttackSuite.Finding) -> String {
        let attack = finding.attempt.attack
        let name = attack.name + (finding.attempt.moment == .run ? "" : " (\(finding.attempt.moment))")
        let padding = String(repeating: " ", count: max(1, 38 - name.count))
        let state = finding.isThrough ? "SUCCEEDED" : "stopped  "
        let layer = finding.isThrough ? "" : " [\(attack.layers.first?.title ?? "")]"
        let surprise = finding.isExpected || finding.isThrough ? "" : ", where \(attack.verdict.summary) was expected"
        return "  \(state) \(name)\(padding)\(attack.tries): \(finding.verdict.summary)\(layer)\(surprise)"
    }
}
