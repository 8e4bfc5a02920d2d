public import NIOCore
import TalkootCore

/// Messages as JSON and back: the same objects in lines and in CONTROL frames.
///
/// What is written has a fixed order of keys: the original fields first, in their original order, then the others. A 64-bit
/// number above 2^53 - 1 is written as text, since common JSON readers would round it; both forms are read everywhere.
public enum MessageCodec {
    /// The message's JSON, without a newline.
    public static func encode(_ message: Message) -> ByteBuffer {
        var buffer = ByteBuffer()
        write(message, into: &buffer)
        return buffer
    }

    /// Appends the message's JSON, without a newline.
    public static func write(_ message: Message, into buffer: inout ByteBuffer) {
        var json = JSONWriter(buffer)
        buffer = ByteBuffer()
        json.object { json in
            json.field("type", message.typeName)
            writeFields(of: message, to: &json)
        }
        buffer = json.buffer
    }

    /// Reads a message; unknown fields are ignored.
    ///
    /// Fails with the fault that is to be sent back: code `bad-data` for what is no JSON object, has no type, an unknown type,
    /// or a field that is missing or of the wrong kind.
    public static func decode(_ buffer: ByteBuffer) -> Result<Message, Message.Fault> {
        guard buffer.readableBytes <= Limits.controlBytes else {
            return .failure(.badData("a message is at most \(Limits.controlBytes) bytes long"))
        }
        switch JSONParser.parse(buffer) {
        case .success(.object(let object)): return message(object)
        case .success: return .failure(.badData("a message is a JSON object with a \"type\""))
        case .failure(let problem):
            return .failure(.badData("this is not the JSON of a message: \(problem.reason), at byte \(problem.offset)"))
        }
    }

    private static func message(_ object: [String: JSONValue]) -> Result<Message, Message.Fault> {
        guard case .text(let type)? = object["type"] else {
            return .failure(.badData("a message is a JSON object with a \"type\""))
        }
        let fields = MessageFields(object, of: type)
        return Result { () throws(Message.Fault) in
            if let message = try conversation(type, fields) { return message }
            if let message = try work(type, fields) { return message }
            if let message = try reach(type, fields) { return message }
            if let message = try swarm(type, fields) { return message }
            if let message = try order(type, fields) { return message }
            throw Message.Fault(regarding: fields.shownType, code: TalkootError.Code.badData.rawValue, reason: "unknown type of message")
        }
    }
}

extension Message.Fault {
    /// A message that cannot be understood.
    static func badData(_ reason: String, regarding: String = "") -> Message.Fault {
        Message.Fault(regarding: regarding, code: TalkootError.Code.badData.rawValue, reason: reason)
    }
}
