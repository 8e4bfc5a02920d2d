import TalkootCore
import Testing

@testable import TalkootVolunteer

@Suite("The suspension watch")
struct SuspensionWatchTests {
    @Test("Beats on time mean that nothing happened")
    func onTime() {
        var watch = SuspensionWatch(at: .zero)
        for second in 1...10 { #expect(watch.beat(at: .seconds(Double(second) * 5)) == false) }
        #expect(!watch.wasSuspended(since: .zero, at: .seconds(52)))
    }

    @Test("A late beat is noticed, for everything that began before it")
    func late() {
        var watch = SuspensionWatch(at: .zero)
        #expect(watch.beat(at: .seconds(60)) == true)
        #expect(watch.wasSuspended(since: .seconds(3), at: .seconds(61)))
        #expect(!watch.wasSuspended(since: .seconds(60.5), at: .seconds(61)))
    }

    @Test("A thread that wakes before the beat does notices it too")
    func beforeTheBeat() {
        let watch = SuspensionWatch(at: .zero)
        #expect(watch.wasSuspended(since: .seconds(1), at: .seconds(30)))
    }
}
