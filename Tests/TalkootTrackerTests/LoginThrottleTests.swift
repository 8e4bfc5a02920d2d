import TalkootCore
import Testing

@testable import TalkootTracker

@Suite("The login throttle")
struct LoginThrottleTests {
    @Test("Five failures of an account in a minute refuse the sixth, until the first is a minute old")
    func perAccount() {
        var throttle = LoginThrottle()
        for second in 0..<5 { #expect(throttle.begin(account: "ann", network: nil, at: .seconds(Double(second))) == nil) }
        #expect(throttle.begin(account: "ann", network: nil, at: .seconds(10)) == 50)
        #expect(throttle.begin(account: "bob", network: nil, at: .seconds(10)) == nil)
        #expect(throttle.begin(account: "ann", network: nil, at: .seconds(60)) == nil)
        #expect(throttle.begin(account: "ann", network: nil, at: .seconds(60)) == 1)
    }

    @Test("Twenty failures from one network refuse it, whatever the account")
    func perNetwork() {
        var throttle = LoginThrottle()
        for index in 0..<20 { #expect(throttle.begin(account: "a\(index)", network: "n", at: .zero) == nil) }
        #expect(throttle.begin(account: "other", network: "n", at: .seconds(1)) == 59)
        #expect(throttle.begin(account: "other", network: "m", at: .seconds(1)) == nil)
    }

    @Test("A success does not count, and attempts at once count before their outcome is known")
    func forgiven() {
        var throttle = LoginThrottle()
        for second in 0..<100 {
            let moment = Tick.seconds(Double(second) / 10)
            #expect(throttle.begin(account: "ann", network: "n", at: moment) == nil)
            throttle.forgive(account: "ann", network: "n", begun: moment)
        }
        #expect(throttle.count == 0)
        for _ in 0..<5 { _ = throttle.begin(account: "ann", network: "n", at: .zero) }
        #expect(throttle.begin(account: "ann", network: "n", at: .zero) != nil)
    }

    @Test("What is remembered is bounded")
    func bounded() {
        var throttle = LoginThrottle()
        for index in 0..<(TrackerLimits.failureKeys + 5000) { _ = throttle.begin(account: "a\(index)", network: nil, at: .zero) }
        #expect(throttle.count <= TrackerLimits.failureKeys)
    }

    @Test(
        "A network is a /24, or a /56 for IPv6",
        arguments: [
            ("192.0.2.77", "192.0.2.0/24"), ("::ffff:192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:ab42::1", "2001:0db8:0001:ab00::/56"),
            ("2001:db8::1", "2001:0db8:0000:0000::/56"), ("fe80::1%eth0", "fe80:0000:0000:0000::/56"), ("::1", "0000:0000:0000:0000::/56"),
        ])
    func networks(address: String, network: String) {
        #expect(LoginThrottle.network(of: address) == network)
    }
}
