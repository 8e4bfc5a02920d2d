import TalkootCore
import TalkootProtocol

/// The short conversation that ends in a circuit: says its messages, and gives up at the first answer that is a no.
final class CircuitOpening: PeerHandler {
    private let messages: [Message]

    /// `messages` are sent at once, in this order.
    init(_ messages: [Message]) { self.messages = messages }

    func connected(_ connection: PeerConnection) {
        for message in messages { connection.send(message) }
    }

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        guard case .message(let message) = event, let refusal = Self.refusal(message) else { return }
        connection.close(after: nil, because: refusal)
    }

    func closed(_ connection: PeerConnection, error: TalkootError?) {}

    private static func refusal(_ message: Message) -> TalkootError? {
        switch message {
        case .loginReply(let reply) where reply.content != "yes": TalkootError(.refused, reply.reason ?? "the tracker refuses the login")
        case .circuit(let reply) where reply.content != "yes": TalkootError(.unreachable, reply.reason ?? "there is no way to the peer")
        case .error(let fault): fault.error
        default: nil
        }
    }
}
