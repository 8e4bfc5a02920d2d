import Testing

@testable import TalkootPeer

struct BackoffTests {
    @Test("Waits lie below bounds that double from 1 s to 5 min, and start again after a reset")
    func bounds() {
        var generator = SystemRandomNumberGenerator()
        var backoff = Backoff()
        for attempt in 0..<100 {
            let wait = backoff.next(using: &generator)
            #expect(wait >= 0.1 && wait <= min(300, Double(1 << min(attempt, 20))), "attempt \(attempt)")
        }
        backoff.reset()
        #expect(backoff.next(using: &generator) <= 1)
    }

    @Test("Ten thousand peers that lost the same tracker spread their fifth dial over the whole interval")
    func spread() {
        var generator = SystemRandomNumberGenerator()
        var tenths = [Int](repeating: 0, count: 10)
        for _ in 0..<10_000 {
            var backoff = Backoff()
            for _ in 0..<4 { _ = backoff.next(using: &generator) }
            tenths[min(9, Int(backoff.next(using: &generator) / 1.6))] += 1
        }
        #expect(tenths.allSatisfy { (800...1200).contains($0) }, "\(tenths)")
    }
}
