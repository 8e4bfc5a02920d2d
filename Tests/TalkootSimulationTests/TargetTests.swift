import TalkootScheduling
import TalkootSimulation
import Testing

/// The targets of the coordinator's design in small: `talkoot sim` and `make bench` run them in full size.
@Suite struct TargetTests {
    private func report(
        _ level: VerificationPolicy.Level, volunteers: Int = 100, hours: Double = 1, seed: UInt64,
        _ change: (inout VolunteerSimulation.Settings) -> Void = { _ in }
    ) -> SimulationReport {
        var settings = VolunteerSimulation.Settings()
        settings.population.volunteers = volunteers
        settings.population.colludingShare = 0.06
        (settings.hours, settings.verification, settings.seed) = (hours, level, seed)
        change(&settings)
        var simulation = VolunteerSimulation(settings)
        return simulation.run()
    }

    @Test(
        "Without verification a job of an hour ends within 5% of the ideal time and loses a thousandth", arguments: [1, 2, 3] as [UInt64])
    func unverified(seed: UInt64) {
        let report = report(.none, seed: seed)
        #expect(report.isComplete)
        #expect(report.makespan < 1.05, "seed \(seed)")
        #expect(report.executed < 1.02)
        #expect(report.lost < 0.0015)
    }

    @Test("With audits colluders are caught, their results replaced, and nobody honest is convicted", arguments: [4, 5] as [UInt64])
    func audited(seed: UInt64) {
        let report = report(.audit, seed: seed)
        #expect(report.isComplete)
        #expect(report.makespan < 1.2, "seed \(seed): \(report.makespan)")
        #expect(report.executed < 1.06)
        #expect(report.badConvicted > 0)
        #expect(report.wrongPerMillion <= 1, "seed \(seed)")
        #expect(report.honestConvicted == 0, "seed \(seed)")
    }

    @Test("Who lies in one unit of a hundred leaves no more wrong units than f w / (e q H)", arguments: [6] as [UInt64])
    func seldomLies(seed: UInt64) {
        let report = report(.audit, seed: seed) { $0.population.sabotageRate = 0.01 }
        // 6% of bad volunteers, audits of one unit of a second at 3%, and what a volunteer does on average.
        let bound = 0.06 / (2.718 * 0.03 * Double(report.units) / 100) * 1e6
        #expect(report.isComplete)
        #expect(report.wrongPerMillion <= bound, "seed \(seed): \(report.wrongPerMillion) of \(bound)")
        #expect(report.honestConvicted == 0)
    }

    @Test("Without the requester's machine arbiters decide as well, also when a tenth lies together and frames others")
    func arbiters() {
        let report = report(.audit, seed: 7) {
            $0.population.colludingShare = 0.1
            $0.population.frames = true
            $0.hasOwnMachine = false
        }
        #expect(report.isComplete)
        #expect(report.honestConvicted == 0)
        #expect(report.badConvicted >= report.badWorkers * 3 / 4)
        #expect(report.wrongPerMillion <= 10, "\(report.wrongPerMillion)")
    }

    @Test("With everything run twice no wrong result counts, and the job takes twice the time")
    func strict() {
        let report = report(.strict, volunteers: 100, hours: 0.5, seed: 8) {
            $0.population.colludingShare = 0.05
            $0.population.sloppyErrorsPerHour = 10
        }
        #expect(report.isComplete)
        #expect(report.wrongPerMillion == 0)
        #expect(report.honestConvicted == 0)
        #expect(report.makespan > 1.9 && report.makespan < 2.6, "\(report.makespan)")
    }

    @Test("Units of an hour each end within 12% of the ideal, since slow machines get none at the end")
    func opaque() {
        let report = report(.none, volunteers: 200, hours: 24, seed: 9) { $0.unitSeconds = 3600 }
        #expect(report.isComplete)
        #expect(report.makespan < 1.12, "\(report.makespan)")
    }

    @Test("Fixed units with deadlines take longer, and a quorum of two lets colluders through")
    func comparison() {
        var settings = VolunteerSimulation.Settings()
        settings.population.volunteers = 300
        settings.population.colludingShare = 0.1
        settings.hours = 24
        var makespans: [FixedUnits.Rule: Double] = [:]
        for rule in FixedUnits.Rule.allCases {
            var simulation = FixedUnits(settings, rule: rule)
            let report = simulation.run()
            #expect(report.isComplete)
            #expect(report.wrongPerMillion > 100, "\(rule)")
            makespans[rule] = report.makespan
        }
        #expect(makespans.values.allSatisfy { $0 > 1.3 })
        #expect(makespans[.quorum] ?? 0 > makespans[.fixed] ?? 0)
    }

    @Test("The same seed gives the same report and the same picture")
    func deterministic() {
        var settings = VolunteerSimulation.Settings()
        settings.population.volunteers = 30
        (settings.hours, settings.pictured) = (0.5, 30)
        var one = VolunteerSimulation(settings)
        var other = VolunteerSimulation(settings)
        #expect(one.run() == other.run())
        #expect(one.timeline.svg(title: "a") == other.timeline.svg(title: "a"))
        settings.seed = 2
        var third = VolunteerSimulation(settings)
        #expect(third.run() != one.run())
    }
}
