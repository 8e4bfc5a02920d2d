import Logging
import NIOCore
import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol
import TalkootStore

/// What a tracker answers to one connection's messages. Used by one task.
final class TrackerDialogue {
    let tracker: TrackerService
    let connection: PeerConnection
    let id: TrackerDirectory.ConnectionID
    let conversation: TrackerConversation
    var upload: PackageUpload?

    init(
        _ tracker: TrackerService, _ connection: PeerConnection, _ id: TrackerDirectory.ConnectionID, _ conversation: TrackerConversation
    ) {
        self.tracker = tracker
        self.connection = connection
        self.id = id
        self.conversation = conversation
    }

    /// Whether the peer reads lists as full records.
    var form: RecordCodec.Form { connection.features.contains(Feature.records) ? .records : .original }

    /// Answers one event.
    func handle(_ event: PeerEvent) async {
        switch event {
        case .message(let message): await answer(message)
        case .body(let part, let isLast): await take(part, isLast: isLast)
        case .commit, .chunk, .checkpoint:
            refuse("work", TalkootError(.usage, "a tracker takes no work", remedy: "send it to the coordinator"))
        case .writable: break
        }
    }

    /// The connection is over.
    func end() async {
        await discardUpload()
    }

    private func answer(_ message: Message) async {
        switch message {
        case .signup(let credentials): connection.send(.signupReply(await tracker.signup(credentials, connection.remote)))
        case .login(let credentials):
            await open(await tracker.login(credentials, connection.remote, wantsToken: connection.hello != nil))
        case .authenticate(let authentication): await open(await tracker.authenticate(authentication, connection.remote))
        case .get(let get): await answer(get)
        case .moduleList(let modules): await hold(modules)
        case .status(let status): await answer(status)
        case .publish(let publication): await begin(publication)
        case .yank(let yank): await self.yank(yank)
        case .request:
            let reason = "a tracker runs nothing; send the request to a peer of the peer list"
            connection.send(.response(Message.WorkResponse(reply: "no", reason: reason)))
        case .reach(let question): await answer(question)
        case .dial(let dial): answer(dial)
        case .join(let circuit): join(circuit)
        case .quit: connection.close()
        case .error(let fault):
            tracker.logger.debug("peer reports", metadata: ["peer": "\(connection.remote)", "fault": "\(fault.reason)"])
        case .hello: break
        case .signupReply, .loginReply, .getReply, .response, .publishReply, .yankReply, .ready, .grant, .progress, .acknowledge, .release,
            .revoke, .cancel, .fetch, .receipt, .holding, .holders, .complaint, .swarm, .have, .reachReply, .invite, .circuit, .restart,
            .order:
            refuse(message.typeName, TalkootError(.usage, "a tracker does not take \(message.typeName)"))
        }
    }

    func refuse(_ type: String, _ error: TalkootError) { connection.send(.error(Message.Fault(error, regarding: type))) }

    // MARK: Sessions

    private func open(_ login: TrackerService.Login) async {
        guard let opening = login.opening else { return connection.send(.loginReply(login.reply)) }
        switch tracker.directory.withLock({ $0.open(id, opening) }) {
        case .failure(let error): connection.send(.loginReply(Message.Reply("no", reason: error.description)))
        case .success(let superseded):
            tracker.close(superseded, because: TalkootError(.interrupted, "this peer has connected again"))
            connection.send(.loginReply(login.reply))
            await noteSession()
        }
    }

    private func noteSession() async {
        guard let record = tracker.directory.withLock({ $0.session(id) }) else { return }
        await tracker.note(record)
    }

    private func hold(_ modules: [String]) async {
        if let error = tracker.directory.withLock({ $0.setModules(modules, of: id) }) { return refuse("modlist", error) }
        await noteSession()
    }

    private func answer(_ status: Message.Status) async {
        let own = tracker.directory.withLock { $0.session(id) }
        guard let own else { return refuse("status", TrackerDirectory.notLoggedIn) }
        if status.name.isEmpty || status.name == own.name {
            guard status.status != nil else { return connection.send(.status(TrackerDirectory.status(of: own))) }
            if let error = tracker.directory.withLock({ $0.setStatus(status, of: id) }) { refuse("status", error) }
            return
        }
        let name = status.name
        if let known = tracker.directory.withLock({ $0.status(of: name) }) { return connection.send(.status(known)) }
        do throws(TalkootError) {
            let store = tracker.store
            guard try await tracker.onFiles({ () throws(TalkootError) in try store.account(named: name) }) != nil else {
                throw TalkootError(.notFound, "nobody here is called \(name.prefix(TrackerLimits.nameBytes))")
            }
            connection.send(.status(Message.Status(name: name, status: "offline")))
        } catch {
            refuse("status", error)
        }
    }

    // MARK: Lists

    private func answer(_ get: Message.Get) async {
        if let reason = tracker.faultInTransport(connection.remote) { return no(reason) }
        switch get.content {
        case "peerlist": sendPeers()
        case "modlist": await sendModules(get)
        case "module": await sendPackage(get.moduleName)
        default: no("content is peerlist, modlist or module")
        }
    }

    func no(_ reason: String) { connection.send(.getReply(Message.GetReply("no", reason: reason))) }

    private func sendPeers() {
        let (isLoggedIn, all) = tracker.directory.withLock { ($0.session(id) != nil, $0.peers()) }
        guard isLoggedIn else { return no("log in first: the list says where people's machines are") }
        let chosen = all.count > TrackerLimits.peersPerList ? Array(all.shuffled().prefix(TrackerLimits.peersPerList)) : all
        send(RecordCodec.encode(chosen, as: form))
    }

    func send(_ list: ByteBuffer) {
        guard list.readableBytes <= Limits.listBytes else { return no("the list is larger than \(Limits.listBytes) bytes") }
        connection.send(.getReply(Message.GetReply("yes", size: UInt64(list.readableBytes))), body: list)
    }
}
