import TalkootCore

extension MessageCodec {
    /// The fields of a message about a swarm; nothing for another.
    static func writeSwarm(_ message: Message, to json: inout JSONWriter) {
        switch message {
        case .holding(let holding):
            json.field("job", holding.job.description)
            json.field("port", String(holding.port))
        case .holders(let holders):
            json.field("job", holders.job.description)
            json.field("stream", holders.stream.map(UInt64.init))
            json.key("peers")
            json.list(holders.contacts) { json, contact in
                json.object { json in
                    json.field("peer", contact.peer.description)
                    json.field("address", contact.address)
                    json.field("port", String(contact.port))
                }
            }
        case .complaint(let complaint):
            json.field("job", complaint.job.description)
            json.field("peer", complaint.peer.description)
            json.field("reason", complaint.reason)
        case .swarm(let greeting):
            json.field("job", greeting.job.description)
            json.field("ticket", greeting.ticket.description)
        case .have(let have):
            json.field("job", have.job.description)
            json.field("subject", have.subject.rawValue)
            json.field("bits", hexadecimal(have.bits))
        default: break
        }
    }

    /// A message about a swarm; `nil` when the type is none of them.
    static func swarm(_ type: String, _ fields: MessageFields) throws(Message.Fault) -> Message? {
        switch type {
        case "holding": return .holding(Message.Holding(job: try fields.job(), port: try fields.port()))
        case "holders":
            var contacts: [Message.Contact] = []
            for peer in try fields.objects("peers", atMost: Limits.holders) {
                contacts.append(
                    Message.Contact(
                        peer: try peer.word("peer", "a peer id"), address: try peer.text("address"), port: try peer.port()))
            }
            let stream = try fields.optionalNumber("stream", atMost: UInt64(UInt32.max)).map(UInt32.init)
            return .holders(Message.Holders(job: try fields.job(), stream: stream, contacts: contacts))
        case "complaint":
            return .complaint(
                Message.Complaint(
                    job: try fields.job(), peer: try fields.word("peer", "a peer id"), reason: try fields.optionalText("reason") ?? ""))
        case "swarm":
            return .swarm(Message.SwarmGreeting(job: try fields.job(), ticket: try fields.word("ticket", "64 hexadecimal digits")))
        case "have":
            let kind = "two hexadecimal digits for eight chunks"
            guard let bits = bytes(try fields.text("bits")) else { throw fields.fault("bits", kind) }
            return .have(Message.Have(job: try fields.job(), subject: try subject(fields), bits: bits))
        default: return nil
        }
    }

    /// What a fetch or a `have` is about.
    static func subject(_ fields: MessageFields) throws(Message.Fault) -> Message.Fetch.Subject {
        guard let subject = Message.Fetch.Subject(rawValue: try fields.text("subject")) else {
            throw fields.fault("subject", "\"module\", \"input\", \"module-list\" or \"input-list\"")
        }
        return subject
    }

    static func write(_ terms: Message.SwarmTerms, to json: inout JSONWriter) {
        json.key("swarm")
        json.object { json in
            json.field("ticket", terms.ticket.description)
            json.field("module", terms.module?.description)
            json.field("input", terms.input?.description)
            if terms.isSpread {
                json.key("spread")
                json.flag(true)
            }
        }
    }

    static func terms(_ fields: MessageFields) throws(Message.Fault) -> Message.SwarmTerms {
        let kind = "64 hexadecimal digits"
        return Message.SwarmTerms(
            ticket: try fields.word("ticket", kind), module: try fields.optionalWord("module", kind),
            input: try fields.optionalWord("input", kind), isSpread: try fields.flag("spread") ?? false)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count % 2 == 0, characters.count <= 2 * (Int(ChunkLayout.mostChunks) + 7) / 8 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 2)
        for start in stride(from: 0, to: characters.count, by: 2) {
            guard let high = digit(characters[start]), let low = digit(characters[start + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
