import TalkootCore

extension MessageCodec {
    /// The fields of a message about ways between peers; nothing for another.
    static func writeReach(_ message: Message, to json: inout JSONWriter) {
        switch message {
        case .reach(let question): json.field("port", String(question.port))
        case .reachReply(let reply):
            json.field("content", reply.content)
            json.field("address", reply.address)
            json.field("reason", reply.reason)
        case .dial(let dial):
            json.field("peer", dial.peer.description)
            json.field("circuit", dial.circuit.description)
            if dial.port != 0 { json.field("port", String(dial.port)) }
        case .invite(let invitation):
            json.field("circuit", invitation.circuit.description)
            json.field("peer", invitation.peer.description)
            json.field("address", invitation.address)
            if invitation.port != 0 { json.field("port", String(invitation.port)) }
        case .join(let circuit): json.field("circuit", circuit.description)
        case .circuit(let reply):
            json.field("content", reply.content)
            json.field("circuit", reply.circuit.description)
            json.field("reason", reply.reason)
        default: break
        }
    }

    /// A message about ways between peers; `nil` when the type is none of them.
    static func reach(_ type: String, _ fields: MessageFields) throws(Message.Fault) -> Message? {
        switch type {
        case "reach": return .reach(Message.ReachQuestion(port: try fields.port()))
        case "rreach":
            return .reachReply(
                Message.ReachReply(
                    try fields.text("content"), address: try fields.optionalText("address") ?? "", reason: try fields.optionalText("reason")
                ))
        case "dial":
            return .dial(Message.Dial(peer: try fields.word("peer", "a peer id"), circuit: try circuit(fields), port: try fields.port()))
        case "invite":
            return .invite(
                Message.Invitation(
                    circuit: try circuit(fields), peer: try fields.word("peer", "a peer id"), address: try fields.optionalText("address"),
                    port: try fields.port()))
        case "join": return .join(try circuit(fields))
        case "circuit":
            return .circuit(
                Message.CircuitReply(
                    try fields.text("content"), circuit: try circuit(fields), reason: try fields.optionalText("reason")))
        default: return nil
        }
    }

    private static func circuit(_ fields: MessageFields) throws(Message.Fault) -> CircuitID {
        try fields.word("circuit", "32 hexadecimal digits")
    }
}
