import Foundation
import TalkootSimulation
import Testing

/// Clusters that suffer: a part of the thousand that `Benchmarks/run.sh simulation` runs, and clusters whose coordinator is wrong on purpose.
@Suite struct ClusterTests {
    @Test("Hundreds of seeds of kills, partitions, losses and liars: no unit is lost or final twice, no acknowledged result is forgotten")
    func seeds() async {
        let environment = ProcessInfo.processInfo.environment
        let only = environment["TALKOOT_SEED"].flatMap(UInt64.init)
        let runs = environment["TALKOOT_RUNS"].flatMap(UInt64.init) ?? 1
        let seeds = only.map { $0...$0 + max(1, runs) - 1 } ?? 1...150
        let reports = await withTaskGroup(of: [ClusterSimulation.Report].self) { group in
            for part in 0..<4 as Range<UInt64> {
                group.addTask {
                    seeds.filter { $0 % 4 == part }.map { seed in
                        var cluster = ClusterSimulation(seed: seed)
                        return cluster.run()
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        for report in reports where report.problem != nil { Issue.record("\(report.line)") }
        guard only == nil else { return }
        // That it was no picnic.
        #expect(reports.reduce(0) { $0 + $1.coordinatorKills } > 40)
        #expect(reports.reduce(0) { $0 + $1.volunteerKills } > 90)
        #expect(reports.reduce(0) { $0 + $1.convictions } > 25)
        #expect(reports.reduce(0) { $0 + $1.connections } > 700)
    }

    @Test("A coordinator with a fault is found out", arguments: ClusterSimulation.Mistake.allCases)
    func mistakes(mistake: ClusterSimulation.Mistake) {
        let found = (1...60 as ClosedRange<UInt64>).first { seed in
            var cluster = ClusterSimulation(seed: seed, mistake: mistake)
            return cluster.run().problem != nil
        }
        #expect(found != nil)
    }

    @Test("The same seed gives the same report")
    func deterministic() {
        for seed in [3, 17] as [UInt64] {
            var one = ClusterSimulation(seed: seed)
            var other = ClusterSimulation(seed: seed)
            #expect(one.run() == other.run())
        }
    }
}
