import TalkootCore

extension MessageCodec {
    /// All fields after `type`.
    static func writeFields(of message: Message, to json: inout JSONWriter) {
        switch message {
        case .signup(let credentials), .login(let credentials): write(credentials, of: message, to: &json)
        case .signupReply(let reply), .loginReply(let reply), .publishReply(let reply), .yankReply(let reply): write(reply, to: &json)
        case .get(let get):
            json.field("content", get.content)
            json.field("modname", get.moduleName)
            json.field("publisher", get.publisher)
        case .getReply(let reply):
            json.field("response", reply.response)
            json.field("size", reply.size)
            json.field("reason", reply.reason)
        case .moduleList(let names): json.field("modlist", names)
        case .status(let status): write(status, to: &json)
        case .quit: break
        case .hello(let hello):
            json.field("v", UInt64(max(0, hello.version)))
            json.field("features", hello.features)
            json.field("agent", hello.agent)
            json.field("platform", hello.platform)
        case .error(let fault): write(fault, to: &json)
        case .authenticate(let authentication):
            json.field("token", authentication.token)
            json.field("port", String(authentication.port))
            json.field("status", authentication.status)
        case .publish(let publication):
            json.field("modname", publication.moduleName)
            json.field("size", publication.size)
        case .yank(let yank):
            json.field("modname", yank.moduleName)
            json.field("reason", yank.reason)
        case .restart(let notice):
            json.field("reconnect_in", UInt64(max(0, notice.reconnectSeconds)))
            json.field("try_for", UInt64(max(0, notice.trySeconds)))
        case .request, .response, .ready, .grant, .progress, .acknowledge, .release, .revoke, .cancel, .fetch, .receipt:
            writeWork(message, to: &json)
        case .holding, .holders, .complaint, .swarm, .have: writeSwarm(message, to: &json)
        case .reach, .reachReply, .dial, .invite, .join, .circuit: writeReach(message, to: &json)
        case .order: writeOrder(message, to: &json)
        }
    }

    private static func write(_ credentials: Message.Credentials, of message: Message, to json: inout JSONWriter) {
        json.field("uname", credentials.name)
        json.field("pwd", credentials.password)
        json.field("port", String(credentials.port))
        if case .login = message { json.field("status", credentials.status) }
    }

    private static func write(_ reply: Message.Reply, to json: inout JSONWriter) {
        json.field("content", reply.content)
        json.field("reason", reply.reason)
        json.field("token", reply.token)
    }

    private static func write(_ status: Message.Status, to json: inout JSONWriter) {
        json.field("uname", status.name)
        json.field("status", status.status)
        json.field("slots", status.slots.map { UInt64(max(0, $0)) })
        json.field("level", status.level.map { UInt64($0.rawValue) })
        json.field("platform", status.platform)
    }

    private static func write(_ fault: Message.Fault, to json: inout JSONWriter) {
        json.field("re", fault.regarding)
        json.field("code", fault.code)
        json.field("reason", fault.reason)
        json.field("job", fault.job?.description)
        json.field("stream", fault.stream.map(UInt64.init))
    }
}
