import ArgumentParser
import Glibc
import TalkootCoordinator
import TalkootCore
import TalkootPackaging
import TalkootSandbox
import TalkootScheduling
import TalkootStore

/// `talkoot run`: one job from the command line to its result.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a module, here or on a tracker's volunteers, and print its result.",
        discussion: """
            talkoot run primes limit=1e9
            talkoot run wordcount --input book.txt --output words.csv
            talkoot run mandelbrot width=1920 height=1080 --output m.png
            talkoot run primes limit=1e12 --on tracker.example.org
            talkoot run primes limit=1e12 --on tracker.example.org --verify strict
            talkoot run ./primes-1.0.0.talkoot limit=1_000_000 --slots 2
            talkoot run primes limit=1e13 --detach --priority 10 --deadline 12h

            Without --on the job runs at the tracker of the latest login, if there is one, else here. Text goes to \
            standard output, anything else to standard output when that is a pipe or file, else to the file that the \
            module names. Numbers may be written 1e9 or 1_000_000.

            Ctrl-C stops the job; `talkoot resume` goes on with it, also after a crash. With --detach a running `talkoot \
            coordinator` does the work; its id is printed once it is safely there.
            """)

    @Argument(help: "A name known here or at the tracker, NAME@VERSION, a digest or a .talkoot file.") var module: String
    @Argument(help: ArgumentHelp("The module's parameters; see `talkoot module inspect`.", valueName: "name=value"))
    var parameters: [String] = []
    @Option(name: .shortAndLong, help: ArgumentHelp("The input; - for standard input.", valueName: "file")) var input: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("Where the output goes.", valueName: "file")) var output: String?
    @Option(name: .long, help: ArgumentHelp("How many items make a unit; measured when left out.", valueName: "items"))
    var unitSize: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "How volunteers' results are verified: none, audit (a secret sample), strict (all by two) or triple.", valueName: "level"))
    var verify = "audit"
    @Flag(
        name: .long,
        help: "Each volunteer fetches the whole input, most of it from the others: for jobs that read every part more than once.")
    var spreadInput = false
    @Flag(name: .long, help: "Hand the job to a coordinator and print its id.") var detach = false
    @OptionGroup var terms: TermsOptions
    @OptionGroup var place: JobPlaceOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var coordinator: CoordinatorOptions

    func run() async throws {
        let home = try coordinator.home.locate()
        let session = try Session.load(home: home)
        let settings = try await Settings(home: home)
        let level = try VerificationText.level(verify)
        let given = try ParameterText.parse(parameters)
        let itemsPerUnit = try UnitSizeText.items(unitSize)
        if detach { return try await submit(home: home, settings: settings, given: given) }
        guard coordinator.at == nil, terms.priority == nil else {
            throw TalkootError(.usage, "--at and --priority are for detached jobs", remedy: "add --detach")
        }
        let deadline = try terms.seconds()
        let resources = try place.resources(settings: settings)
        let place = try JobPlace.resolve(flag: place.on, settings: settings, session: session)
        let work = try JobWork(home: home, session: session, place: place, resources: resources)
        try await work.closing { () async throws(TalkootError) in
            let package = try await work.module(module)
            var generator = SystemRandomNumberGenerator()
            let id = JobID.random(using: &generator)
            let coordinator: Coordinator
            do throws(TalkootError) {
                let specification = try specification(
                    id, package, given: given, itemsPerUnit: itemsPerUnit, level: level, deadline: deadline, work: work)
                coordinator = try Coordinator.submit(
                    specification, launcher: work.launcher, capsules: work.capsules, logger: LogOutput.quiet)
            } catch {
                JobListing.removeUnborn(home.directory(of: id))
                throw error
            }
            try await work.run(coordinator, name: package.manifest.name, json: format.json)
        }
    }

    /// Hands the job to a coordinator; its id goes to standard output.
    private func submit(home: Home, settings: Settings, given: [String: String]) async throws(TalkootError) {
        let address = settings.text(.coordinator, flag: coordinator.at)
        let session = try Session.load(home: home)
        let resources = try place.resources(settings: settings)
        guard place.slots == nil, place.timeout == nil else {
            throw TalkootError(.usage, "--slots and --timeout of a detached job are the coordinator's", remedy: "leave them out")
        }
        let place = try JobPlace.resolve(flag: self.place.on, settings: settings, session: session)
        let package = try await JobWork.module(module, home: home, session: session, place: place)
        _ = try package.manifest.resolve(given)
        var generator = SystemRandomNumberGenerator()
        let order = SubmitOrder(
            job: JobID.random(using: &generator), module: package.digest, packageBytes: UInt64(package.fileBytes), parameters: given,
            itemsPerUnit: try UnitSizeText.items(unitSize), verify: try VerificationText.level(verify).rawValue, on: self.place.on,
            volunteers: self.place.volunteers == nil ? nil : resources.volunteers,
            minimumLevel: self.place.minLevel == nil ? nil : resources.minimumLevel.rawValue,
            priority: try terms.number() ?? 0, deadlineSeconds: try terms.seconds())
        let answer = try await DetachedRun(home: home, address: address, package: package, order: order).submit(
            input: input, output: output)
        if format.json { return try JSONText.print(answer) }
        let at = address.map { " --at \($0)" } ?? ""
        StandardStream.note(
            "talkoot: job \(answer.job) is submitted: \(answer.units) units, on \(answer.on); follow: `talkoot watch \(answer.job)\(at)`"
        )
        try StandardStream.print(answer.job.description)
    }

    /// Everything checked that can be checked before anything is made.
    private func specification(
        _ id: JobID, _ package: ModulePackage, given: [String: String], itemsPerUnit: UInt64?, level: VerificationPolicy.Level,
        deadline: Double?, work: JobWork
    ) throws(TalkootError) -> JobSpecification {
        let directory = work.home.directory(of: id)
        let manifest = package.manifest
        let values = try manifest.resolve(given)
        let outputPath = try JobDelivery.place(flag: output, manifest: manifest, directory: directory)
        try Home.makeDirectory(directory)
        let inputPath = try JobInput.resolve(manifest, flag: input, directory: directory)
        var specification = JobSpecification(
            module: try JobModule(package), parameters: values, inputPath: inputPath, outputPath: outputPath, itemsPerUnit: itemsPerUnit,
            expectedSlots: work.expectedSlots, directory: directory, id: id, created: Int64(time(nil)), mode: work.mode,
            requester: work.requester, minimumLevel: work.resources.minimumLevel, seed: .random(in: .min ... .max))
        specification.spreadsInput = spreadInput
        if case .tracker = work.place { specification.verification = level }
        specification.terms = JobRecord.Terms(deadline: deadline.map { WallTime.seconds() + Int64($0) })
        return specification
    }
}
