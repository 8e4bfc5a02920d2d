import TalkootCore
import TalkootProtocol
import Testing

@testable import TalkootPeer

@Suite("Coming back to a tracker")
struct ReconnectionTests {
    @Test("The tracker's own pause comes first, then short ones for as long as it asked, then growing ones")
    func notice() {
        var (reconnection, generator) = (Reconnection(), SystemRandomNumberGenerator())
        reconnection.noticed(Message.RestartNotice(reconnectSeconds: 40, trySeconds: 100))
        #expect(reconnection.nextWait(at: .zero, using: &generator) == 40)
        for _ in 0..<20 { #expect(reconnection.nextWait(at: .seconds(139), using: &generator) <= Reconnection.hurriedSeconds) }
        let later = (0..<50).map { _ in reconnection.nextWait(at: .seconds(140), using: &generator) }
        #expect((later.max() ?? 0) > Reconnection.hurriedSeconds)
        reconnection.established()
        #expect(reconnection.nextWait(at: .seconds(141), using: &generator) <= Backoff.shortestSeconds)
    }

    @Test("A tracker cannot send its peers away for long")
    func liar() {
        var (reconnection, generator) = (Reconnection(), SystemRandomNumberGenerator())
        reconnection.noticed(Message.RestartNotice(reconnectSeconds: 65_535, trySeconds: 65_535))
        #expect(reconnection.nextWait(at: .zero, using: &generator) == 300)
        reconnection.noticed(Message.RestartNotice(reconnectSeconds: -5, trySeconds: -5))
        #expect(reconnection.nextWait(at: .zero, using: &generator) == 0)
    }
}
