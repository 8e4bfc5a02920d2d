public import TalkootCore

extension Message.Fault: Error {}

extension Message.Fault {
    /// Tells the other side what went wrong here. The text is cut to ``Limits/reasonBytes``.
    public init(_ error: TalkootError, regarding: String = "", job: JobID? = nil, stream: UInt32? = nil) {
        self.init(
            regarding: regarding, code: error.code.rawValue, reason: Self.cut(error.description, toBytes: Limits.reasonBytes), job: job,
            stream: stream)
    }

    /// What the other side said, as an error of this side.
    public var error: TalkootError { TalkootError(TalkootError.Code(rawValue: code), reason) }

    private static func cut(_ text: String, toBytes limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var kept = Substring(text.unicodeScalars.prefix(limit))
        while kept.utf8.count > limit { kept.unicodeScalars.removeLast() }
        return String(kept)
    }
}
