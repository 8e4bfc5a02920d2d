public import TalkootCore

extension Message {
    /// A requester tells a long-lived coordinator something; CHUNK frames with a JSON document answer, or an `error` with the stream.
    public struct Order: Hashable, Sendable {
        /// The stream on which the answer comes, chosen by the asker, unique among its open orders.
        public var stream: UInt32
        /// What is wanted: `submit`, `jobs`, `job`, `result`, `explain`, `resume`, `cancel`.
        public var verb: String
        /// The job it is about.
        public var job: JobID?
        /// A JSON object with what the verb needs, as text.
        public var body: String?

        /// The longest `verb`, in bytes.
        public static let verbBytes = 32

        /// An order.
        public init(stream: UInt32, verb: String, job: JobID? = nil, body: String? = nil) {
            (self.stream, self.verb, self.job, self.body) = (stream, verb, job, body)
        }
    }
}

extension MessageCodec {
    /// The fields of an order; nothing for another message.
    static func writeOrder(_ message: Message, to json: inout JSONWriter) {
        guard case .order(let order) = message else { return }
        json.field("stream", UInt64(order.stream))
        json.field("verb", order.verb)
        json.field("job", order.job?.description)
        json.field("body", order.body)
    }

    /// An order; `nil` when the type is another.
    static func order(_ type: String, _ fields: MessageFields) throws(Message.Fault) -> Message? {
        guard type == "order" else { return nil }
        let verb = try fields.text("verb")
        guard verb.utf8.count <= Message.Order.verbBytes else {
            throw fields.fault("verb", "at most \(Message.Order.verbBytes) bytes long")
        }
        return .order(
            Message.Order(
                stream: UInt32(try fields.number("stream", atMost: UInt64(UInt32.max))), verb: verb, job: try fields.optionalJob(),
                body: try fields.optionalText("body")))
    }
}
