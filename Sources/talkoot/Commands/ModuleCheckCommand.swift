import ArgumentParser
import TalkootCheck
import TalkootCore
import TalkootPackaging

/// `talkoot module check`: what an author learns before volunteers do.
struct ModuleCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Try a module in cells: samples, determinism, unit sizes, merging, damaged input, cost.",
        discussion: """
            talkoot module check .
            talkoot module check Modules/primes --json
            talkoot module check ./primes-1.0.0.talkoot --seed 7

            Each sample runs again under conditions that differ in one thing: addresses, contents of fresh memory, date, \
            language, processor level, order of units, size of units. Where results differ, the reason is narrowed down. \
            Then `merge` meets random groupings, and the module damaged input, damaged results and parameters at the ends \
            of what module.yaml allows. A call that the cell stopped is named with the function that made it.

            The verdict on a directory goes into the manifest when the module is packed. Exit status 65 when a point failed.
            """)

    @Argument(help: "The module's directory, or a .talkoot file.") var module: String
    @Option(name: .long, help: ArgumentHelp("Repeats a check: the number that its report named.", valueName: "n")) var seed: UInt64?
    @OptionGroup var format: OutputOptions

    func run() async throws {
        let isPackage = module.hasSuffix(".talkoot")
        var subject = isPackage ? try CheckSubject(package: try ModulePackage.read(path: module)) : try CheckSubject(directory: module)
        if !isPackage { try subject.fill(directory: module) }
        let check = ModuleCheck(subject, seed: seed ?? .random(in: 0...999_999))
        let report = try check.run { StandardStream.note("talkoot: checking \($0)") }
        if format.json { try JSONText.print(report) } else { for line in report.lines { try StandardStream.print(Table.printable(line)) } }
        if !isPackage { try keep(report) }
        guard report.isPassed else {
            throw TalkootError(
                .badData, "\(report.module) does not pass its check", remedy: "mend what FAILED; --seed \(report.seed) repeats it")
        }
    }

    private func keep(_ report: CheckReport) throws(TalkootError) {
        let record = CheckRecord(directory: module)
        guard report.isPassed else { return record.remove() }
        let passed = report.findings.filter { $0.status == .passed }.map(\.name)
        try record.keep(Manifest.Check(determinism: report.determinism, passed: passed))
    }
}
