import ArgumentParser
import Glibc
import TalkootCoordinator
import TalkootCore
import TalkootPackaging
import TalkootScheduling
import TalkootStore

/// `talkoot estimate`: what a job will take, from a few units run here.
struct EstimateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Say what a job will take before submitting it, from a few of its units run here.",
        discussion: """
            talkoot estimate primes limit=1e12
            talkoot estimate primes limit=1e12 --workers 100 --verify strict
            talkoot estimate wordcount --input book.txt --json

            Runs units of the job in a cell of this machine for about three seconds, spread over its whole length. p50 is \
            what to expect, p95 what 19 of 20 such jobs stay below, on machines as fast as this one.
            """)

    /// How long units are run, in seconds.
    private static let budgetSeconds = 3.0
    /// The seconds for other numbers of slots that are shown.
    private static let widths = [1, 10, 100, 1000]

    @Argument(help: "A name known here or at the tracker, NAME@VERSION, a digest or a .talkoot file.") var module: String
    @Argument(help: ArgumentHelp("The module's parameters; see `talkoot module inspect`.", valueName: "name=value"))
    var parameters: [String] = []
    @Option(name: .shortAndLong, help: ArgumentHelp("The input.", valueName: "file")) var input: String?
    @Option(name: .long, help: ArgumentHelp("How many items make a unit; measured when left out.", valueName: "items"))
    var unitSize: String?
    @Option(name: .long, help: ArgumentHelp("For how many slots of others; a few numbers when left out.", valueName: "n"))
    var workers: String?
    @Option(name: .long, help: ArgumentHelp("How results would be verified: none, audit, strict or triple.", valueName: "level"))
    var verify = "audit"
    @OptionGroup var place: JobPlaceOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var home: HomeOptions

    func run() async throws {
        let home = try home.locate()
        let settings = try await Settings(home: home)
        let level = try VerificationText.level(verify)
        let given = try ParameterText.parse(parameters)
        let itemsPerUnit = try UnitSizeText.items(unitSize)
        let session = try Session.load(home: home)
        var resources = try place.resources(settings: settings)
        if let workers {
            guard let number = NumberText.integer(workers), (1...1_000_000).contains(number) else {
                throw TalkootError(.usage, "--workers \(workers) is no whole number from 1 to 1000000", remedy: "give one")
            }
            resources.volunteers = Int(number)
        }
        let place = try JobPlace.resolve(flag: self.place.on, settings: settings, session: session)
        let work = try JobWork(home: home, session: session, place: place, resources: resources)
        try await work.closing { () async throws(TalkootError) in
            let package = try await work.module(module)
            let manifest = package.manifest
            let values = try manifest.resolve(given)
            guard input != "-" else { throw TalkootError(.usage, "an estimate reads no standard input", remedy: "give --input FILE") }
            let inputPath = try JobInput.resolve(manifest, flag: input, directory: home.directory)
            let specification = JobSpecification(
                module: try JobModule(package), parameters: values, inputPath: inputPath, itemsPerUnit: itemsPerUnit,
                expectedSlots: workers == nil ? work.expectedSlots : resources.volunteers, directory: home.directory,
                id: JobID(rawValue: 0), created: 0, mode: work.mode, seed: .random(in: .min ... .max))
            let launcher = work.launcher
            let estimate = try await OwnThread.run { () throws(TalkootError) in
                try Coordinator.estimate(specification, launcher: launcher, budgetSeconds: Self.budgetSeconds)
            }
            let widths = workers == nil ? Self.widths : [resources.volunteers]
            let report = EstimateReport(
                estimate, module: package.manifest.name, level: level, localSlots: resources.slots, widths: widths)
            if format.json { return try JSONText.print(report) }
            for line in report.lines { try StandardStream.print(line) }
        }
    }
}
