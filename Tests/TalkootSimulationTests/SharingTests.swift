import TalkootSimulation
import Testing

/// What requesters get of volunteers that come and go.
@Suite struct SharingTests {
    private func report(_ volunteers: Int, _ churn: Churn, _ shares: [Double], seed: UInt64) -> SharingSimulation.Report {
        var settings = VolunteerSimulation.Settings()
        settings.population.volunteers = volunteers
        settings.population.churn = churn
        (settings.hours, settings.seed) = (0.5, seed)
        var simulation = SharingSimulation(settings, shares: shares)
        return simulation.run()
    }

    @Test(
        "Two equal requesters are within 2% of their shares over any ten minutes, on one machine or hundreds that come and go",
        arguments: [(1, Churn.none), (10, .none), (40, .none), (150, .seti)])
    func equal(volunteers: Int, churn: Churn) {
        let report = report(volunteers, churn, [1, 1], seed: 1)
        #expect(report.worst <= 0.02, "\(report)")
        #expect(report.busy > 0.96, "\(report)")
    }

    @Test("Who has three times the share gets three times the work")
    func unequal() {
        let report = report(100, .none, [1, 3], seed: 2)
        #expect(abs(report.got[1] - 0.75) < 0.003, "\(report)")
        #expect(report.worst <= 0.05, "\(report)")
    }
}
