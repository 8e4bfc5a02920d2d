extension Message {
    /// The message's `type` field.
    public var typeName: String {
        switch self {
        case .signup: "signup"
        case .signupReply: "rsignup"
        case .login: "login"
        case .loginReply: "rlogin"
        case .get: "get"
        case .getReply: "rget"
        case .moduleList: "modlist"
        case .status: "status"
        case .request: "request"
        case .response: "response"
        case .quit: "quit"
        case .hello: "hello"
        case .error: "error"
        case .authenticate: "auth"
        case .publish: "publish"
        case .publishReply: "rpublish"
        case .yank: "yank"
        case .yankReply: "ryank"
        case .restart: "restart"
        case .reach: "reach"
        case .reachReply: "rreach"
        case .dial: "dial"
        case .invite: "invite"
        case .join: "join"
        case .circuit: "circuit"
        case .holding: "holding"
        case .holders: "holders"
        case .complaint: "complaint"
        case .swarm: "swarm"
        case .have: "have"
        case .ready: "ready"
        case .grant: "grant"
        case .progress: "progress"
        case .acknowledge: "ack"
        case .release: "release"
        case .revoke: "revoke"
        case .cancel: "cancel"
        case .fetch: "fetch"
        case .receipt: "receipt"
        case .order: "order"
        }
    }

    /// How many bytes of body follow the message; `nil` when none do.
    public var bodyBytes: UInt64? {
        switch self {
        case .getReply(let reply): reply.size
        case .publish(let publication): publication.size
        default: nil
        }
    }
}
