import ArgumentParser
import TalkootCore
import TalkootScheduling
import TalkootSimulation

/// `talkoot sim`: the scheduling code over simulated volunteers.
struct SimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sim",
        abstract: "Simulate a job over thousands of volunteers that come, go, err and lie.",
        discussion: """
            talkoot sim
            talkoot sim --volunteers 10000 --hours 24 --verify audit --compare
            talkoot sim --colluding 0.2 --sabotage 0.01 --verify strict
            talkoot sim --volunteers 60 --hours 2 --svg job.svg
            talkoot sim --requesters 1 3 --volunteers 300
            talkoot sim --faults --seed 1 --runs 1000

            The scheduler is the one of `talkoot run`; volunteers come and go as those of SETI@home did. Times are \
            relative to the ideal, at which no volunteer is ever idle or in doubt. The same seed gives the same figures.
            """)

    @Option(help: ArgumentHelp("How many volunteers.", valueName: "count")) var volunteers = 1000
    @Option(help: ArgumentHelp("How long the job would take at best, in hours.", valueName: "hours")) var hours = 2.0
    @Option(help: ArgumentHelp("What a unit takes on a machine of speed 1, in seconds.", valueName: "seconds")) var unit = 1.0
    @Option(help: ArgumentHelp("none, audit, strict or triple.", valueName: "level")) var verify = "audit"
    @Option(help: ArgumentHelp("The share of units that audit checks.", valueName: "share")) var auditRate = 0.03
    @Option(help: ArgumentHelp("When volunteers are there: seti, classes, mild or none.", valueName: "model")) var churn = "seti"
    @Option(help: ArgumentHelp("The share of machines that compute wrongly.", valueName: "share")) var sloppy = 0.015
    @Option(help: ArgumentHelp("How often these err, in errors an hour.", valueName: "rate")) var errors = 0.01
    @Option(help: ArgumentHelp("The share of volunteers that lie together.", valueName: "share")) var colluding = 0.005
    @Option(help: ArgumentHelp("Of which share of the units they lie.", valueName: "share")) var sabotage = 1.0
    @Option(help: ArgumentHelp("For how many hours they behave first.", valueName: "hours")) var sleep = 0.0
    @Flag(help: "Liars also call right results wrong.") var frame = false
    @Flag(help: "Volunteers decide disputes, not the requester's machine.") var noOwnMachine = false
    @Option(help: ArgumentHelp("A message there and its answer back, in seconds.", valueName: "seconds")) var delay = 0.2
    @Option(help: ArgumentHelp("What everything random is drawn from.", valueName: "number")) var seed: UInt64 = 1
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Have so many requesters with these shares compete for them instead.", valueName: "share"))
    var requesters: [Double] = []
    @Flag(help: "Run small clusters over a bad network instead, with processes that are killed, and look for what must never happen.")
    var faults = false
    @Option(help: ArgumentHelp("With --faults, how many, each with the next seed.", valueName: "count")) var runs: UInt64 = 1
    @Flag(help: "Run fixed units with deadlines, a quorum of 2 and adaptive replication too.") var compare = false
    @Option(help: ArgumentHelp("Draw the job's first volunteers into this file.", valueName: "file")) var svg: String?
    @OptionGroup var format: OutputOptions

    func run() async throws {
        if faults { return try suffer() }
        let settings = try settings()
        if !requesters.isEmpty { return try compete(settings) }
        var simulation = VolunteerSimulation(settings)
        var reports = [simulation.run()]
        if compare {
            for rule in FixedUnits.Rule.allCases {
                var other = FixedUnits(settings, rule: rule)
                reports.append(other.run())
            }
        }
        if let svg {
            let title = "\(volunteers) volunteers, a job of \(hours) h, verification: \(verify), seed \(seed)"
            try FileBytes.replace(svg, with: Array(simulation.timeline.svg(title: title).utf8))
        }
        try tell(reports)
    }

    /// Clusters that suffer: a line for each that breaks, or for the only one.
    private func suffer() throws {
        guard (1...10_000_000).contains(runs), seed <= UInt64.max - runs else {
            throw TalkootError(.usage, "runs must be 1 to 10,000,000", remedy: "see talkoot sim --help")
        }
        var broken = 0
        for seed in seed..<seed + runs {
            var cluster = ClusterSimulation(seed: seed)
            let report = cluster.run()
            broken += report.problem == nil ? 0 : 1
            if format.json {
                try JSONText.print(report)
            } else if runs == 1 || report.problem != nil {
                try StandardStream.print(report.line)
            }
        }
        if runs > 1, !format.json { try StandardStream.print("\(runs) clusters, \(broken) broken") }
        if broken > 0 { throw ExitCode(1) }
    }

    /// Several requesters with more work than there is time for.
    private func compete(_ settings: VolunteerSimulation.Settings) throws(TalkootError) {
        guard (2...64).contains(requesters.count), requesters.allSatisfy({ $0 > 0 && $0 <= 1e6 }) else {
            throw TalkootError(.usage, "requesters must be 2 to 64, with positive shares", remedy: "give --requesters 1 1, for instance")
        }
        var simulation = SharingSimulation(settings, shares: requesters)
        let report = simulation.run()
        if format.json { return try JSONText.print(report) }
        try StandardStream.print(report.text)
    }

    private func tell(_ reports: [SimulationReport]) throws(TalkootError) {
        if format.json {
            for report in reports { try JSONText.print(report) }
            return
        }
        try StandardStream.print(SimulationReport.heading)
        for report in reports { try StandardStream.print(report.row) }
        let first = reports[0]
        try StandardStream.print(
            "\(first.units) units of \(first.unitSeconds) s, \(first.leases) leases, \(first.unitsChecked) units checked, seed \(seed)")
    }

    private func settings() throws(TalkootError) -> VolunteerSimulation.Settings {
        var settings = VolunteerSimulation.Settings()
        guard (1...1_000_000).contains(volunteers), hours > 0, hours <= 10_000, unit > 0, unit <= 1e6, delay >= 0, delay <= 60 else {
            throw TalkootError(
                .usage, "volunteers must be 1 to 1,000,000, hours up to 10,000, a unit up to 1,000,000 s, the delay up to 60 s",
                remedy: "see talkoot sim --help")
        }
        for share in [auditRate, sloppy, colluding, sabotage] where !(0...1).contains(share) {
            throw TalkootError(.usage, "\(share) is no share", remedy: "give a number from 0 to 1")
        }
        settings.population.volunteers = volunteers
        guard let churn = Churn(rawValue: churn) else {
            throw TalkootError(.usage, "--churn \(churn) is unknown", remedy: "give seti, classes, mild or none")
        }
        settings.population.churn = churn
        settings.population.sloppyShare = sloppy
        settings.population.sloppyErrorsPerHour = max(0, errors)
        settings.population.colludingShare = colluding
        settings.population.sabotageRate = sabotage
        settings.population.sleepHours = max(0, sleep)
        settings.population.frames = frame
        settings.hours = hours
        settings.unitSeconds = unit
        settings.verification = try VerificationText.level(verify)
        settings.auditRate = auditRate
        settings.hasOwnMachine = !noOwnMachine
        settings.roundTripSeconds = delay
        settings.seed = seed
        settings.pictured = svg == nil ? 0 : min(volunteers, 120)
        return settings
    }
}
