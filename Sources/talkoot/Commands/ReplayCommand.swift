import ArgumentParser
import TalkootCore
import TalkootPackaging
import TalkootSandbox

/// `talkoot replay`: a failed unit once more, here.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run a unit that failed again, here, and say whether it ends as before.",
        discussion: """
            talkoot replay ~/.local/share/talkoot/capsules/4f1c09d2a7b3e658-17.talkoot-capsule
            talkoot replay FILE --module ./primes-1.0.1.talkoot
            talkoot replay FILE --gdb

            A capsule holds all that the unit got; `talkoot run` and `talkoot volunteer` write one for each unit that fails. \
            It runs in a cell as any unit does, under the capsule's limits. Exit status: 0 the same verdict, 1 another one.

            --module takes another build, to see whether it is mended. --gdb runs the module in the debugger with no \
            confinement at all: only for modules that you trust as you trust a program of your own.
            """)

    @Argument(help: "The capsule's file.") var file: String
    @Option(name: .long, help: ArgumentHelp("A name, NAME@VERSION, digest or .talkoot file to use instead.", valueName: "module"))
    var module: String?
    @Flag(name: .long, help: "Run it in gdb, without confinement.") var gdb = false
    @Flag(name: .long, help: "Do not ask before running without confinement.") var yes = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    private struct Answer: Encodable {
        var job: String
        var unit: UInt64
        var module: String
        var before: String
        var now: String
        var isSame: Bool
        var seconds: Double
    }

    func run() async throws {
        let home = try home.locate()
        let capsule = try CapsuleStore.read(file)
        let package = try package(of: capsule, home: home)
        if gdb { return try BareReplay(capsule: capsule, package: package).run(isConfirmed: yes) }
        let replay = try Replay(
            capsule, library: try LibraryImage(bytes: try package.library()), launcher: try CellLauncher.open())
        for line in replay.log.split(separator: "\n") { StandardStream.note(Table.printable(String(line))) }
        let isSame = capsule.verdict.isSame(as: replay.verdict)
        if output.json {
            try JSONText.print(
                Answer(
                    job: capsule.job.description, unit: capsule.unit, module: "\(capsule.name) \(capsule.moduleVersion)",
                    before: capsule.verdict.summary, now: replay.verdict.summary, isSame: isSame, seconds: replay.seconds))
        } else {
            for line in Self.lines(capsule, replay, isSame) { try StandardStream.print(Table.printable(line)) }
        }
        if !isSame { throw ExitCode(1) }
    }

    private func package(of capsule: Capsule, home: Home) throws(TalkootError) -> ModulePackage {
        if let module {
            let package = try home.module(module)
            if package.digest != capsule.module {
                StandardStream.note("talkoot: this is \(package.reference) (\(package.digest.short)), not the build that failed")
            }
            return package
        }
        do throws(TalkootError) {
            return try home.module(capsule.module.description)
        } catch {
            guard error.code == .notFound else { throw error }
            throw TalkootError(
                .notFound, "\(capsule.name) \(capsule.moduleVersion) (\(capsule.module.short)), which failed, is not here",
                remedy: "add it with `talkoot module add FILE`, or give --module FILE")
        }
    }

    private static func lines(_ capsule: Capsule, _ replay: Replay, _ isSame: Bool) -> [String] {
        let items = capsule.shape.items(ofUnit: capsule.unit)
        let words =
            items.upperBound - items.lowerBound == 1 ? "item \(items.lowerBound)" : "items \(items.lowerBound) to \(items.upperBound - 1)"
        return [
            "unit    \(capsule.unit) (\(words)) of \(capsule.name) \(capsule.moduleVersion), "
                + "job \(capsule.job)",
            "before  \(capsule.verdict.summary) (level \(capsule.level), \(capsule.platform), \(capsule.program))",
            "now     \(replay.verdict.summary) (after \(ProgressText.fixed(replay.seconds, decimals: 2)) s)",
            isSame ? "the same verdict" : "another verdict",
        ]
    }
}
