import Testing

@testable import TalkootSandbox

@Suite("The clocks of the watchdog")
struct WatchdogClockTests {
    @Test("Time counts from the first look on")
    func counts() {
        var clock = WatchdogClock(patienceSeconds: 0.1)
        for now in [5.0, 5.1, 5.2, 5.35] {
            let isKept = clock.look(at: now, held: 0)
            #expect(isKept)
        }
        #expect(abs(clock.counted - 0.35) < 1e-9)
    }

    @Test("Time that a cell was held does not count")
    func held() {
        var clock = WatchdogClock(patienceSeconds: 0.1)
        _ = clock.look(at: 0, held: 3)
        let isKept = clock.look(at: 60.1, held: 63)
        #expect(isKept)
        #expect(abs(clock.counted - 0.1) < 1e-9)
    }

    @Test("After a gap nothing is judged at once, and of the gap only one stride counts", arguments: [0.001, 0.1])
    func gap(patience: Double) {
        var clock = WatchdogClock(patienceSeconds: patience)
        _ = clock.look(at: 0, held: 0)
        let isKept = clock.look(at: 60, held: 0)
        #expect(!isKept)
        #expect(clock.counted == clock.strideSeconds)
        let isKeptAgain = clock.look(at: 60 + patience, held: 0)
        #expect(isKeptAgain)
        #expect(clock.strideSeconds < 1)
    }

    @Test("A cell is held until its last reason is gone, and the whole time counts once")
    func reasons() {
        var clock = HoldClock()
        clock.hold(.owner, at: 10)
        clock.hold(.share, at: 15)
        clock.hold(.share, at: 16)
        clock.release(.owner, at: 20)
        #expect(clock.isHeld)
        #expect(clock.held(at: 25) == 15)
        clock.release(.owner, at: 26)
        clock.release(.share, at: 30)
        #expect(!clock.isHeld)
        #expect(clock.held(at: 99) == 20)
        clock.hold(.share, at: 100)
        #expect(clock.held(at: 101) == 21)
    }

    @Test("A budget lets a cell run for its part of the time, however late it is asked", arguments: [0.05, 0.25, 0.5, 0.9, 1.5])
    func budget(processors: Double) {
        var generator = SeededGenerator(seed: 7)
        var budget = ProcessorBudget(processors: processors, at: 0, used: 0)
        var (now, used, mayRun) = (0.0, 0.0, true)
        while now < 20 {
            let step = Double.random(in: 0.01...0.03, using: &generator)
            now += step
            if mayRun { used += step * max(1, processors.rounded(.up)) }
            mayRun = budget.mayRun(at: now, used: used)
        }
        #expect(used / now <= processors * 1.05)
        #expect(used / now >= processors * 0.85)
    }

    @Test("Time in which a cell did nothing is not saved up")
    func idle() {
        var budget = ProcessorBudget(processors: 0.5, at: 0, used: 0)
        let mayRun = budget.mayRun(at: 100, used: 0)
        let mayRunOn = budget.mayRun(at: 100.1, used: 0.1)
        #expect(mayRun && !mayRunOn)
    }
}
