import TalkootScheduling
import TalkootTesting
import Testing

/// Whole jobs in simulated time, held against the time that nobody could beat.
@Suite struct SimulationTests {
    /// Four hosts of which the fastest is eight times as fast as the slowest.
    private func fourHosts(unitSeconds: Double) -> [SimulatedHost] {
        [1.0, 1.5, 3, 8].enumerated().map { SimulatedHost(UInt64($0.offset), unitSeconds: unitSeconds * $0.element) }
    }

    /// The time taken over the ideal.
    private func ratio(
        units: UInt64, hosts: [SimulatedHost], prior: Double? = nil, policy: SchedulingPolicy = SchedulingPolicy()
    ) throws -> (makespan: Double, work: Double, grants: UInt64) {
        var job = SimulatedJob(scheduling: Scheduling(units: units, policy: policy, priorUnitSeconds: prior), hosts: hosts)
        let finish = job.run()
        let seconds = try #require(finish)
        let ideal = SimulatedJob.idealSeconds(units: units, hosts: hosts)
        #expect(job.scheduling.brokenInvariant() == nil)
        return (seconds / ideal, Double(job.unitsRun) / Double(units), job.scheduling.snapshot.grants)
    }

    @Test(
        "Four unequal hosts finish within 5% of the ideal, from a second to an hour and from microseconds to seconds a unit",
        arguments: [
            (1.0, 1e-5), (4, 1e-3), (4, 1e-6), (60, 1e-6), (60, 0.01), (60, 0.2), (600, 1e-3), (3600, 1), (3600, 10),
        ])
    func unequalHosts(seconds: Double, unitSeconds: Double) throws {
        let hosts = fourHosts(unitSeconds: unitSeconds)
        let units = UInt64(hosts.reduce(0) { $0 + $1.capacity(until: seconds) })
        for prior in [nil, unitSeconds * 3] {
            let result = try ratio(units: units, hosts: hosts, prior: prior)
            #expect(result.makespan < 1.05, "prior \(String(describing: prior)): \(result)")
            #expect(result.work < 1.02, "prior \(String(describing: prior)): \(result)")
            #expect(result.grants < 500)
        }
    }

    @Test(
        "One host dies and one is suspended for good: still within 5% of what the others could do, the detection apart",
        arguments: [(60.0, 0.01), (60, 1e-5), (3600, 1)])
    func deathAndSuspension(seconds: Double, unitSeconds: Double) throws {
        var hosts = fourHosts(unitSeconds: unitSeconds)
        let units = UInt64(hosts.reduce(0) { $0 + $1.capacity(until: seconds) })
        hosts[1].dies = seconds * 0.4
        hosts[2].sleeps = seconds * 0.3..<1e12
        let result = try ratio(units: units, hosts: hosts, prior: unitSeconds)
        #expect(result.makespan < 1.05, "\(result)")
    }

    @Test("A host that sleeps for a while and wakes up does no harm")
    func nap() throws {
        var hosts = fourHosts(unitSeconds: 0.01)
        hosts[0].sleeps = 10..<30
        let result = try ratio(units: 13_000, hosts: hosts, prior: 0.01)
        #expect(result.makespan < 1.05, "\(result)")
    }

    @Test("Two slots in a job of a second are busy to the end")
    func twoLocalSlots() throws {
        let hosts = [0, 1].map { SimulatedHost($0, unitSeconds: 0.0007, roundTripSeconds: 0.0001) }
        let result = try ratio(units: 3000, hosts: hosts, prior: 0.0006)
        #expect(result.makespan < 1.02, "\(result)")
    }

    @Test("100,000 units that do nothing take two hosts few leases and little more than their computing")
    func noOperation() throws {
        let hosts = [0, 1].map { SimulatedHost($0, unitSeconds: 1e-6, roundTripSeconds: 0.0005) }
        var job = SimulatedJob(scheduling: Scheduling(units: 100_000), hosts: hosts)
        let finish = job.run()
        let seconds = try #require(finish)
        #expect(seconds < 0.2)
        #expect(job.scheduling.snapshot.grants < 60)
    }

    @Test("One unit of an hour runs once while its host is fine")
    func singleUnit() throws {
        let hosts = [0, 1, 2].map { SimulatedHost($0, unitSeconds: 3600) }
        var job = SimulatedJob(scheduling: Scheduling(units: 1), hosts: hosts)
        let finish = job.run()
        #expect(try #require(finish) < 3601)
        #expect(job.unitsRun == 1)
    }

    @Test("The last unit of a host that is ten times slower than before runs a second time elsewhere")
    func slowLastUnit() throws {
        var hosts = [0, 1].map { SimulatedHost($0, unitSeconds: 10) }
        hosts[1].sleeps = 95..<100_000
        let result = try ratio(units: 20, hosts: hosts, prior: 10)
        #expect(result.makespan < 1.5, "\(result)")
    }

    @Test("A thousand million units need no more memory than the hosts: few ranges, few leases")
    func thousandMillionUnits() throws {
        let hosts = (0..<50).map { SimulatedHost($0, unitSeconds: 1e-6 * Double($0 % 7 + 1)) }
        var job = SimulatedJob(scheduling: Scheduling(units: 1_000_000_000), hosts: hosts)
        let early = job.run(limit: 30)
        #expect(early == nil)
        #expect(job.scheduling.finishedRanges.count < 300)
        #expect(job.scheduling.snapshot.leases <= 100)
        let finish = job.run()
        let seconds = try #require(finish)
        #expect(seconds < 1.05 * SimulatedJob.idealSeconds(units: 1_000_000_000, hosts: hosts))
        #expect(job.scheduling.finishedRanges == [0..<1_000_000_000])
        #expect(job.scheduling.brokenInvariant() == nil)
    }
}
