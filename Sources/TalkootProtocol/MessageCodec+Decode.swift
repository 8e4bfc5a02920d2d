import TalkootCore

extension MessageCodec {
    /// The most features a hello names.
    private static let helloFeatures = 64

    /// A message of a conversation with a tracker; `nil` when the type is none of them.
    static func conversation(_ type: String, _ fields: MessageFields) throws(Message.Fault) -> Message? {
        switch type {
        case "signup": return .signup(try credentials(fields))
        case "login": return .login(try credentials(fields))
        case "rsignup": return .signupReply(try reply(fields))
        case "rlogin": return .loginReply(try reply(fields))
        case "rpublish": return .publishReply(try reply(fields))
        case "ryank": return .yankReply(try reply(fields))
        case "get":
            return .get(
                Message.Get(
                    try fields.text("content"), moduleName: try fields.optionalText("modname"),
                    publisher: try fields.optionalText("publisher")))
        case "rget":
            return .getReply(
                Message.GetReply(
                    try fields.text("response"), size: try fields.optionalNumber("size"), reason: try fields.optionalText("reason")))
        case "modlist": return .moduleList(try fields.texts("modlist"))
        case "status": return .status(try status(fields))
        case "quit": return .quit
        case "hello": return .hello(try hello(fields))
        case "error": return .error(try fault(fields))
        case "auth":
            return .authenticate(
                Message.Authentication(
                    token: try fields.text("token"), port: try fields.port(), status: try fields.optionalText("status") ?? "offline"))
        case "publish": return .publish(Message.Publication(moduleName: try fields.text("modname"), size: try fields.number("size")))
        case "yank":
            return .yank(Message.Yank(moduleName: try fields.text("modname"), reason: try fields.optionalText("reason")))
        case "restart":
            return .restart(
                Message.RestartNotice(
                    reconnectSeconds: try fields.count("reconnect_in"), trySeconds: try fields.optionalCount("try_for") ?? 0))
        default: return nil
        }
    }

    private static func credentials(_ fields: MessageFields) throws(Message.Fault) -> Message.Credentials {
        Message.Credentials(
            name: try fields.text("uname"), password: try fields.text("pwd"), port: try fields.port(),
            status: try fields.optionalText("status") ?? "")
    }

    private static func reply(_ fields: MessageFields) throws(Message.Fault) -> Message.Reply {
        Message.Reply(
            try fields.text("content"), reason: try fields.optionalText("reason"), token: try fields.optionalText("token"))
    }

    private static func status(_ fields: MessageFields) throws(Message.Fault) -> Message.Status {
        Message.Status(
            name: try fields.optionalText("uname") ?? "", status: try fields.optionalText("status"),
            slots: try fields.optionalCount("slots"), level: try fields.optionalLevel(), platform: try fields.optionalText("platform"))
    }

    private static func hello(_ fields: MessageFields) throws(Message.Fault) -> Message.Hello {
        Message.Hello(
            version: try fields.optionalCount("v") ?? 1,
            features: fields.has("features") ? try fields.texts("features", atMost: helloFeatures) : [],
            agent: try fields.optionalText("agent") ?? "", platform: try fields.optionalText("platform") ?? "")
    }

    private static func fault(_ fields: MessageFields) throws(Message.Fault) -> Message.Fault {
        Message.Fault(
            regarding: try fields.optionalText("re") ?? "", code: try fields.optionalText("code") ?? "",
            reason: try fields.optionalText("reason") ?? "", job: try fields.optionalJob(),
            stream: try fields.optionalNumber("stream", atMost: UInt64(UInt32.max)).map(UInt32.init))
    }
}
