import TalkootCore
import Testing

@testable import TalkootVolunteer

@Suite("The turnstile")
struct TurnstileTests {
    @Test("A job alone gets every permit, and the next one waits")
    func alone() {
        var turnstile = Turnstile(permits: 2)
        #expect(turnstile.enter(0) == .go && turnstile.enter(0) == .go)
        #expect(turnstile.enter(0) == .wait(1))
        #expect(!turnstile.shouldYield(0))
        #expect(turnstile.leave(0) == 1 && turnstile.busy == 2)
    }

    @Test("A second job gets half, then both stay")
    func half() {
        var turnstile = Turnstile(permits: 4)
        for _ in 0..<4 { #expect(turnstile.enter(0) == .go) }
        #expect(turnstile.enter(1) == .wait(1) && turnstile.enter(1) == .wait(2) && turnstile.enter(1) == .wait(3))
        #expect(turnstile.shouldYield(0))
        #expect(turnstile.leave(0) == 1 && turnstile.shouldYield(0))
        #expect(turnstile.leave(0) == 2 && !turnstile.shouldYield(0) && !turnstile.shouldYield(1))
        #expect(turnstile.busy(0) == 2 && turnstile.busy(1) == 2)
    }

    @Test("With fewer permits than jobs they take turns")
    func turns() {
        var turnstile = Turnstile(permits: 1)
        #expect(turnstile.enter(0) == .go && turnstile.enter(1) == .wait(1))
        #expect(turnstile.shouldYield(0))
        #expect(turnstile.leave(0) == 1)
        #expect(turnstile.enter(0) == .wait(2) && turnstile.shouldYield(1))
        #expect(turnstile.leave(1) == 2)
    }

    @Test("Who stops waiting leaves nothing behind; who was admitted meanwhile is told")
    func abandon() {
        var turnstile = Turnstile(permits: 1)
        #expect(turnstile.enter(0) == .go && turnstile.enter(1) == .wait(1))
        #expect(turnstile.abandon(1) == true)
        #expect(turnstile.leave(0) == nil && turnstile.busy == 0)
        #expect(turnstile.enter(0) == .go && turnstile.enter(1) == .wait(2))
        #expect(turnstile.leave(0) == 2)
        #expect(turnstile.abandon(2) == false)
    }

    @Test("However jobs come and go, no permit is lost or made", arguments: [1, 2, 3] as [UInt64])
    func conservation(seed: UInt64) {
        var random = SplitMix(state: seed)
        var turnstile = Turnstile(permits: 3)
        var held: [Governor.Seat] = []
        var waiting: [Turnstile.Ticket: Governor.Seat] = [:]
        for _ in 0..<10_000 {
            switch Int.random(in: 0..<3, using: &random) {
            case 0 where waiting.count < 20:
                let seat = Int.random(in: 0..<4, using: &random)
                switch turnstile.enter(seat) {
                case .go: held.append(seat)
                case .wait(let ticket): waiting[ticket] = seat
                }
            case 1:
                guard let ticket = waiting.keys.min() else { continue }
                #expect(turnstile.abandon(ticket) == true)
                waiting[ticket] = nil
            default:
                guard let place = held.indices.randomElement(using: &random) else { continue }
                if let ticket = turnstile.leave(held.remove(at: place)), let seat = waiting.removeValue(forKey: ticket) {
                    held.append(seat)
                }
            }
            #expect(turnstile.busy == held.count && held.count <= 3, "seed \(seed)")
            #expect(held.count == 3 || waiting.isEmpty, "seed \(seed)")
        }
    }
}

/// SplitMix64, so that a test's choices follow from its seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
