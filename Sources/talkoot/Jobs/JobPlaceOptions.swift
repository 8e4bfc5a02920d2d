import ArgumentParser
import Glibc
import TalkootCore

/// Where a job runs and with how much: for `run` and `resume`.
struct JobPlaceOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Where to run: `local`, or a tracker HOST[:PORT][#PEER-ID] whose volunteers do the work.", valueName: "place"))
    var on: String?
    @Option(name: .long, help: ArgumentHelp("Cells at once on this machine; one per processor when left out.", valueName: "n"))
    var slots: String?
    @Option(name: .long, help: ArgumentHelp("The most volunteers to use at once (default: 64).", valueName: "n"))
    var volunteers: String?
    @Option(
        name: .long,
        help: ArgumentHelp("The least confinement level of a machine that runs units: 1, 2 or 4 (default: 2).", valueName: "level"))
    var minLevel: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Give up with status 75 when no volunteer has worked for this long: 90s, 10m, 2h (default: 10m).", valueName: "time"))
    var timeout: String?

    /// The levels as people write them.
    static let levels: [(String, ConfinementLevel)] = [("1", .filtered), ("2", .landlocked), ("4", .full)]

    /// The values, from the flags or the settings.
    ///
    /// - Throws: ``TalkootError`` `usage` for one that makes no sense.
    func resources(settings: Settings) throws(TalkootError) -> JobResources {
        let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return JobResources(
            slots: try settings.number(.slots, flag: slots, in: 1...JobResources.slotLimit) ?? min(processors, JobResources.slotLimit),
            volunteers: try settings.number(.volunteers, flag: volunteers, in: 1...JobResources.volunteerLimit) ?? 64,
            minimumLevel: try settings.choice(.minimumLevel, flag: minLevel, among: Self.levels) ?? .landlocked,
            patienceSeconds: try timeout.map { (text) throws(TalkootError) in try DurationText.seconds(text, place: "--timeout") } ?? 600)
    }
}

/// How much a job may use.
struct JobResources: Sendable, Hashable {
    /// The most cells at once on this machine.
    static let slotLimit = 512
    /// The most volunteers at once.
    static let volunteerLimit = 10_000

    /// Cells at once on this machine.
    var slots: Int
    /// Volunteers at once.
    var volunteers: Int
    /// The least confinement level of a volunteer.
    var minimumLevel: ConfinementLevel
    /// How long to wait while no volunteer works, in seconds.
    var patienceSeconds: Double
}
