import Logging
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol

extension JobSwarm {
    /// What is done after a decision, outside of the lock.
    enum Step: Sendable {
        case plan(Message.Fetch.Subject, SwarmPlan.Effect)
        case tell(Int, Message)
        case tellSeed(Message)
        case dial(Int, Message.Contact)
        case deliver(Message.Fetch)
        case serve(Int)
    }

    /// Decides under the lock, then acts. `nil` means that nothing is to be done.
    ///
    /// - Returns: whether something was decided.
    @discardableResult
    func act(_ decide: (inout State, Tick) -> [Step]?) -> Bool {
        let moment = now
        guard let steps = state.withLock({ decide(&$0, moment) }) else { return false }
        for step in steps { perform(step) }
        return true
    }

    private func perform(_ step: Step) {
        switch step {
        case .plan(let subject, .ask(let source, let chunk, let mayRefer)): ask(source, subject, chunk, mayRefer: mayRefer)
        case .plan(let subject, .leave(let number, let reason)): leave(number, subject, reason)
        case .tell(let number, let message): state.withLock { $0.links[number]?.connection }?.send(message)
        case .tellSeed(let message): context.seed.send(message)
        case .dial(let number, let contact): dial(number, contact)
        case .deliver(let fetch): deliver(fetch)
        case .serve(let number): serveNext(number)
        }
    }

    private func ask(_ source: SwarmPlan.Source, _ subject: Message.Fetch.Subject, _ chunk: Int, mayRefer: Bool) {
        let sending = state.withLock { state -> (PeerConnection, Message)? in
            guard let range = state.shares[subject]?.layout.range(of: chunk) else { return nil }
            var fetch = Message.Fetch(
                stream: 0, job: context.job.id, subject: subject, offset: range.lowerBound, length: UInt64(range.count),
                mayRefer: mayRefer)
            switch source {
            case .seed:
                fetch.stream = state.openStream(.chunk(subject, chunk))
                return (context.seed, .fetch(fetch))
            case .link(let number):
                guard let connection = state.links[number]?.connection, let stream = state.links[number]?.nextStream else { return nil }
                state.links[number]?.nextStream &+= 1
                state.links[number]?.topics[stream] = .chunk(subject, chunk)
                fetch.stream = stream
                return (connection, .fetch(fetch))
            }
        }
        if let (connection, message) = sending { connection.send(message) }
    }

    private func leave(_ number: Int, _ subject: Message.Fetch.Subject, _ reason: SwarmPlan.Reason) {
        let link = state.withLock { state in
            if case .lied = reason { state.links[number]?.isLiar = true }
            return state.links[number]
        }
        guard let link else { return }
        let words: String
        switch reason {
        case .lied(let chunk): words = "chunk \(chunk) of the \(subject.rawValue) has the wrong bytes"
        case .slow: words = "too slow"
        case .silent: words = "no answer for \(Int(SwarmLimits.answerSeconds)) s"
        }
        context.logger.info("leaving a holder", metadata: ["peer": "\(link.peer.short)", "why": "\(words)"])
        if case .lied = reason {
            context.seed.send(.complaint(Message.Complaint(job: context.job.id, peer: link.peer, reason: words)))
        }
        link.connection?.close()
    }

    // MARK: Bytes

    /// A chunk or a list came. Hashed and kept on the disk's thread.
    func received(stream: UInt32, offset: UInt64, _ bytes: [UInt8], from source: SwarmPlan.Source) {
        let topic = state.withLock { state -> Topic? in
            switch source {
            case .seed: state.topics.removeValue(forKey: stream)
            case .link(let number): state.links[number]?.topics.removeValue(forKey: stream)
            }
        }
        switch topic {
        case .list(let subject):
            if !context.hub.disk.add({ self.listed(subject, bytes) }) { drop(subject) }
        case .chunk(let subject, let chunk):
            let isQueued = context.hub.disk.add { self.keep(bytes, as: chunk, of: subject, from: source) }
            if !isQueued { finished(chunk, of: subject, from: source) { $0.refused(chunk, by: source, at: $1) } }
        case nil:
            // Nothing was asked there: no honest holder sends it.
            if case .link(let number) = source { state.withLock { $0.links[number]?.connection }?.close() }
        }
    }

    /// On the disk's thread.
    private func keep(_ bytes: [UInt8], as chunk: Int, of subject: Message.Fetch.Subject, from source: SwarmPlan.Source) {
        guard let blob = state.withLock({ $0.shares[subject]?.blob }) else { return }
        do throws(TalkootError) {
            let isRight = try blob.keep(bytes, as: chunk)
            finished(chunk, of: subject, from: source) { $0.arrived(chunk, from: source, isRight: isRight, at: $1) }
        } catch {
            context.logger.warning("cannot keep what comes", metadata: ["why": "\(error)"])
            drop(subject)
        }
    }

    private func finished(
        _ chunk: Int, of subject: Message.Fetch.Subject, from source: SwarmPlan.Source,
        _ event: (inout SwarmPlan, Tick) -> [SwarmPlan.Effect]
    ) {
        var isComplete = false
        act { state, now in
            guard var share = state.shares[subject], var plan = share.plan else { return nil }
            let wasComplete = plan.held.isFull
            let effects = event(&plan, now)
            isComplete = plan.held.isFull && !wasComplete
            if plan.held.contains(chunk) {
                share.fetched += 1
                if source != .seed { share.fromOthers += 1 }
            }
            share.isNews = share.isNews || plan.held.contains(chunk)
            let (ready, waiting) = Self.split(share.waiting, share.layout, plan.held)
            (share.plan, share.waiting) = (plan, waiting)
            state.shares[subject] = share
            return effects.map { .plan(subject, $0) } + ready.map { .deliver($0) }
        }
        guard isComplete, let share = state.withLock({ $0.shares[subject] }) else { return }
        context.logger.info(
            "all chunks are here",
            metadata: [
                "job": "\(context.job.id)", "what": "\(subject.rawValue)", "fetched": "\(share.fetched)",
                "from others": "\(share.fromOthers)",
            ])
    }

    /// The fetches whose chunks are all here, and the others.
    private static func split(
        _ fetches: [Message.Fetch], _ layout: ChunkLayout, _ held: ChunkSet
    ) -> (ready: [Message.Fetch], waiting: [Message.Fetch]) {
        var (ready, waiting): ([Message.Fetch], [Message.Fetch]) = ([], [])
        for fetch in fetches {
            let isHere = layout.chunks(in: fetch.offset..<fetch.offset + fetch.length).allSatisfy(held.contains)
            if isHere { ready.append(fetch) } else { waiting.append(fetch) }
        }
        return (ready, waiting)
    }

    /// Reads what a fetch wants and hands it over; from the requester when that fails.
    private func deliver(_ fetch: Message.Fetch) {
        let isQueued = context.hub.disk.add {
            let blob = self.state.withLock { $0.shares[fetch.subject]?.blob }
            guard let bytes = try? blob?.read(fetch.offset..<fetch.offset + fetch.length) else {
                return self.context.seed.send(.fetch(fetch))
            }
            self.context.deliver(fetch, bytes)
        }
        if !isQueued { context.seed.send(.fetch(fetch)) }
    }

    // MARK: Lists

    /// Opens what is here of a blob, or asks for its list. On the disk's thread.
    func open(_ subject: Message.Fetch.Subject, _ share: Share) {
        guard context.hub.claim(share.name, sizeBytes: share.layout.sizeBytes) else { return forget(subject) }
        if let list = PartialBlob.list(name: share.name, layout: share.layout, directory: context.hub.directory.path) {
            return opened(subject, list)
        }
        act { state, now in
            state.shares[subject]?.listDeadline = now.advanced(bySeconds: SwarmLimits.listSeconds)
            let list: Message.Fetch.Subject = subject == .module ? .moduleList : .inputList
            return [
                .tellSeed(
                    .fetch(
                        Message.Fetch(
                            stream: state.openStream(.list(subject)), job: self.context.job.id, subject: list, offset: 0,
                            length: ChunkList.byteCount(share.layout))))
            ]
        }
    }

    /// A blob that another job here uses, or for which there is no room: without a claim there is nothing to give up.
    private func forget(_ subject: Message.Fetch.Subject) {
        let share = state.withLock { $0.shares.removeValue(forKey: subject) }
        for fetch in share?.waiting ?? [] { context.seed.send(.fetch(fetch)) }
    }

    private func listed(_ subject: Message.Fetch.Subject, _ bytes: [UInt8]) {
        guard let share = state.withLock({ $0.shares[subject] }) else { return }
        guard let list = ChunkList(bytes, name: share.name, layout: share.layout) else {
            context.logger.warning("the requester's list of chunks is not the one that it named", metadata: ["job": "\(context.job.id)"])
            return drop(subject)
        }
        opened(subject, list)
    }

    private func opened(_ subject: Message.Fetch.Subject, _ list: ChunkList) {
        let blob: PartialBlob
        do throws(TalkootError) {
            blob = try PartialBlob(list, directory: context.hub.directory.path)
        } catch {
            context.logger.warning("cannot keep what comes", metadata: ["why": "\(error)"])
            return drop(subject)
        }
        let held = blob.held
        if held.count > 0 {
            context.logger.info(
                "chunks are here already",
                metadata: ["job": "\(context.job.id)", "what": "\(subject.rawValue)", "chunks": "\(held.count) of \(held.bound)"])
        }
        var waiting: [Message.Fetch] = []
        act { state, now in
            guard !state.isOver, var share = state.shares[subject] else { return nil }
            var plan = SwarmPlan(held: held, seed: .random(in: .min ... .max))
            for (number, link) in state.links where link.isGreeted { plan.linked(number, at: now) }
            let effects = share.isWhole && (subject == .input || !share.waiting.isEmpty) ? plan.wantAll(at: now) : []
            (share.blob, share.plan, share.isNews) = (blob, plan, held.count > 0)
            waiting = share.waiting
            share.waiting = []
            state.shares[subject] = share
            return effects.map { .plan(subject, $0) }
        }
        for fetch in waiting where !take(fetch) { context.seed.send(.fetch(fetch)) }
    }
}

extension JobSwarm.State {
    /// A stream to the requester for an answer about that.
    mutating func openStream(_ topic: JobSwarm.Topic) -> UInt32 {
        while topics[nextStream] != nil || nextStream < JobSwarm.firstStream { nextStream = (nextStream &+ 1) | JobSwarm.firstStream }
        let stream = nextStream
        nextStream = (nextStream &+ 1) | JobSwarm.firstStream
        topics[stream] = topic
        return stream
    }
}
