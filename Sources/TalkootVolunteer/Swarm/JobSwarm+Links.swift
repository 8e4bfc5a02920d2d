import Logging
import NIOCore
import Synchronization
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol

extension JobSwarm {
    // MARK: Opening

    /// Dials a holder in the background; its key must be the one that was named.
    func dial(_ number: Int, _ contact: Message.Contact) {
        let link = SwarmLink(number: number, swarm: self)
        let endpoint = PeerEndpoint(host: contact.address, port: Int(contact.port), pin: contact.peer)
        Task {
            do throws(TalkootError) {
                _ = try await context.hub.network.connect(to: endpoint, framing: .frames, handler: link, timeout: .seconds(5))
            } catch {
                context.logger.debug("a holder cannot be reached", metadata: ["peer": "\(contact.peer.short)", "why": "\(error)"])
                lost(number)
            }
        }
    }

    /// The dial succeeded.
    func reached(_ number: Int, _ connection: PeerConnection) {
        let isWanted = state.withLock { state in
            state.links[number]?.connection = connection
            return !state.isOver && state.links[number] != nil
        }
        guard isWanted, connection.features.contains(Feature.swarm) else { return connection.close() }
        connection.send(.swarm(greeting))
    }

    private var greeting: Message.SwarmGreeting { Message.SwarmGreeting(job: context.job.id, ticket: context.terms.ticket) }

    /// Somebody dialled this volunteer and shows a ticket.
    ///
    /// - Returns: the link; nil when the ticket is wrong or there is no room.
    func accept(_ message: Message.SwarmGreeting, _ connection: PeerConnection) -> SwarmLink? {
        guard message.ticket == context.terms.ticket, let peer = connection.remote.peer else { return nil }
        var link: SwarmLink?
        act { state, now in
            guard !state.isOver, state.circle.accept(peer) else { return nil }
            let number = state.nextLink
            state.nextLink += 1
            state.links[number] = Link(peer: peer, wasDialled: false, connection: connection)
            link = SwarmLink(number: number, swarm: self)
            return [.tell(number, .swarm(self.greeting))] + self.greet(number, &state, at: now)
        }
        return link
    }

    /// The one that was dialled answers the greeting.
    func greeted(_ number: Int, _ message: Message.SwarmGreeting) {
        act { state, now in
            guard let link = state.links[number], link.wasDialled, !link.isGreeted else { return nil }
            guard message.ticket == self.context.terms.ticket, message.job == self.context.job.id else {
                link.connection?.close()
                return nil
            }
            return self.greet(number, &state, at: now)
        }
    }

    private func greet(_ number: Int, _ state: inout State, at now: Tick) -> [Step] {
        state.links[number]?.isGreeted = true
        return state.shares.keys.compactMap { subject in
            state.shares[subject]?.plan?.linked(number, at: now)
            return have(subject, state).map { .tell(number, .have($0)) }
        }
    }

    /// A link is gone, or could not be made.
    func lost(_ number: Int) {
        act { state, now in
            guard let link = state.links.removeValue(forKey: number) else { return nil }
            state.circle.lost(link.peer, wasDialled: link.wasDialled, isLiar: link.isLiar, at: now)
            return state.shares.keys.flatMap { subject in
                (state.shares[subject]?.plan?.unlinked(number, at: now) ?? []).map { .plan(subject, $0) }
            }
        }
    }

    // MARK: What a link says

    /// It holds these chunks.
    func told(_ number: Int, _ have: Message.Have) {
        act { state, now in
            guard let share = state.shares[have.subject], state.links[number]?.isGreeted ?? false else { return nil }
            guard let has = ChunkSet(bytes: have.bits, bound: share.layout.count) else {
                state.links[number]?.connection?.close()
                return nil
            }
            return (state.shares[have.subject]?.plan?.told(number, has: has, at: now) ?? []).map { .plan(have.subject, $0) }
        }
    }

    /// It does not have a chunk, or wants no more of this volunteer.
    func refused(_ number: Int, _ fault: Message.Fault) {
        act { state, now in
            guard let stream = fault.stream, case .chunk(let subject, let chunk)? = state.links[number]?.topics.removeValue(forKey: stream)
            else { return nil }
            return (state.shares[subject]?.plan?.refused(chunk, by: .link(number), at: now) ?? []).map { .plan(subject, $0) }
        }
    }

    // MARK: Serving

    /// It wants a chunk.
    func asked(_ number: Int, _ fetch: Message.Fetch) {
        act { state, _ in
            guard let link = state.links[number], link.isGreeted else { return nil }
            guard link.queue.count < SwarmLimits.queued else {
                link.connection?.close()
                return nil
            }
            guard self.holds(fetch, state) else { return [.tell(number, .error(self.absence(of: fetch)))] }
            state.links[number]?.queue.append(fetch)
            return [.serve(number)]
        }
    }

    private func holds(_ fetch: Message.Fetch, _ state: State) -> Bool {
        guard fetch.job == context.job.id, fetch.length <= ChunkLayout.mostChunkBytes, let share = state.shares[fetch.subject],
            let chunk = share.layout.chunk(at: fetch.offset..<fetch.offset + fetch.length)
        else { return false }
        return share.plan?.held.contains(chunk) ?? false
    }

    private func absence(of fetch: Message.Fetch) -> Message.Fault {
        Message.Fault(
            regarding: "fetch", code: TalkootError.Code.notFound.rawValue, reason: "this chunk is not here", job: fetch.job,
            stream: fetch.stream)
    }

    /// Sends the next chunk that a link waits for, when its connection and the owner's bound allow it.
    func serveNext(_ number: Int) {
        let next = state.withLock { state -> (PeerConnection, Message.Fetch, PartialBlob)? in
            guard let link = state.links[number], !link.isServing, let connection = link.connection, connection.isWritable,
                let fetch = link.queue.first, let blob = state.shares[fetch.subject]?.blob
            else { return nil }
            state.links[number]?.isServing = true
            return (connection, fetch, blob)
        }
        guard let (connection, fetch, blob) = next else { return }
        let wait = context.hub.mayUpload(Int(fetch.length), at: now)
        guard wait <= 0 else {
            // On a loop that may have ended there is nobody to serve any more.
            connection.perform {
                connection.eventLoop.scheduleTask(in: .milliseconds(Int64(wait * 1000) + 1)) { self.go(on: number) }
            }
            return
        }
        state.withLock { state in
            if !(state.links[number]?.queue.isEmpty ?? true) { state.links[number]?.queue.removeFirst() }
        }
        let isQueued = context.hub.disk.add {
            if let bytes = try? blob.read(fetch.offset..<fetch.offset + fetch.length) {
                connection.send(Chunk(stream: fetch.stream, offset: fetch.offset, bytes: ByteBuffer(bytes: bytes), isLast: true))
            } else {
                connection.send(.error(self.absence(of: fetch)))
            }
            self.go(on: number)
        }
        if !isQueued { connection.close() }
    }

    private func go(on number: Int) {
        state.withLock { $0.links[number]?.isServing = false }
        serveNext(number)
    }
}
