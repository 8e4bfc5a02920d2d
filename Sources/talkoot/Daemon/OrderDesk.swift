import Logging
import TalkootCoordinator
import TalkootCore
import TalkootPackaging
import TalkootPeer
import TalkootProtocol
import TalkootStore

/// Answers the orders of requesters: each sees and steers its own jobs, the owner of the home all.
struct OrderDesk: Sendable {
    let context: JobKeeper.Context
    let keeper: JobKeeper
    /// Peers that may give orders, with their names; the owner needs no entry.
    let allowed: [PeerID: String]

    /// The most jobs of one requester that are not over.
    static let jobsPerRequester = 200

    /// Whether a peer may give orders at all; asked after each TLS handshake.
    func refusal(of remote: RemotePeer) -> TalkootError? {
        guard let peer = remote.peer else {
            return TalkootError(.refused, "a coordinator takes orders over TLS with an identity only", remedy: "use `talkoot … --at`")
        }
        guard isOwner(peer) || allowed[peer] != nil else {
            return TalkootError(
                .refused, "this coordinator does not know \(peer)", remedy: "ask its owner to start it with --allow \(peer)=NAME")
        }
        return nil
    }

    /// The answer to an order.
    ///
    /// - Throws: ``TalkootError`` for the requester.
    func answer(_ order: Message.Order, _ session: OrderSession) async throws(TalkootError) -> [UInt8] {
        switch order.verb {
        case "submit": return try await submit(try body(order), session)
        case "jobs":
            let listings = try JobListing.all(home: context.home).filter { mayOrder($0.record, session.requester) }
            return try document(listings.map { JobReport($0) })
        case "job": return try document(try JobReport.detailed(try find(order, session).listing))
        case "explain":
            let (listing, wanted) = try find(order, session)
            return try document(try Explanation(of: listing, unit: wanted.unit, volunteer: wanted.volunteer))
        case "cancel": return try await cancel(try find(order, session).listing)
        case "resume": return try await resume(try find(order, session))
        case "result": return try await result(try body(order), session)
        default:
            throw TalkootError(.usage, "a coordinator knows no order \(order.verb.prefix(32))", remedy: "is its version the same?")
        }
    }

    private func isOwner(_ peer: PeerID?) -> Bool { peer != nil && peer == context.dialer.network.identity?.id }

    /// Whose a job is, as its terms say it.
    private func name(of peer: PeerID?) -> String { isOwner(peer) ? "" : peer?.description ?? "nobody" }

    private func mayOrder(_ record: JobRecord, _ peer: PeerID?) -> Bool { isOwner(peer) || record.terms?.submitter == name(of: peer) }

    private func body<Body: Decodable>(_ order: Message.Order) throws(TalkootError) -> Body {
        guard let text = order.body, let body = JSONText.value(Body.self, from: Array(text.utf8)) else {
            throw TalkootError(.badData, "the order \(order.verb) makes no sense", remedy: "is its version the same?")
        }
        return body
    }

    private func document(_ value: some Encodable) throws(TalkootError) -> [UInt8] { Array(try JSONText.text(value).utf8) }

    private func find(_ order: Message.Order, _ session: OrderSession) throws(TalkootError) -> (listing: JobListing, wanted: JobOrder) {
        let wanted: JobOrder = try body(order)
        return (try find(wanted.job, session), wanted)
    }

    /// A job that the requester names; somebody else's is not there for it.
    private func find(_ text: String, _ session: OrderSession) throws(TalkootError) -> JobListing {
        try JobListing.find(text, home: context.home) { mayOrder($0, session.requester) }
    }

    // MARK: What changes something

    private func submit(_ order: SubmitOrder, _ session: OrderSession) async throws(TalkootError) -> [UInt8] {
        let submission = Submission(context: context, order: order, session: session, submitter: name(of: session.requester))
        if let known = try submission.existing() {
            guard mayOrder(known, session.requester) else { throw TalkootError(.refused, "job \(order.job) is somebody else's") }
            return try document(Submission.answer(known))
        }
        let open = try JobListing.all(home: context.home).count {
            $0.record.terms?.submitter == submission.submitter && $0.record.terms?.isDetached == true && !$0.record.state.isFinal
        }
        guard open < Self.jobsPerRequester else {
            throw TalkootError(.tryLater, "\(open) jobs of yours are not over", remedy: "wait for one, or cancel one")
        }
        let record = try await submission.carryOut()
        context.logger.info("a job was submitted", metadata: ["job": "\(record.id)", "by": "\(session.requester?.short ?? "")"])
        await keeper.adopt(record)
        return try document(Submission.answer(record))
    }

    private func cancel(_ listing: JobListing) async throws(TalkootError) -> [UInt8] {
        let id = listing.record.id
        guard !listing.record.state.isFinal else {
            throw TalkootError(.usage, "job \(id) is \(listing.state) already", remedy: "there is nothing to cancel")
        }
        try await keeper.cancel(id)
        defer { CancelMarker.remove(directory: listing.directory) }
        // A job that ran has been written down as cancelled by whoever worked on it.
        let state = try JobJournal.open(directory: listing.directory, access: .readOnly).record().state
        guard state == .running else { return try document(StateAnswer(job: id, state: state.description)) }
        let journal = try await ReleasedJournal.open(listing.directory)
        try journal.setState(.cancelled, now: WallTime.seconds())
        DecisionLog(directory: listing.directory).note(
            Decision(.cancelled, at: WallTime.seconds(), job: id, "the requester gave it up"))
        return try document(StateAnswer(job: id, state: JobState.cancelled.description))
    }

    private func resume(_ found: (listing: JobListing, wanted: JobOrder)) async throws(TalkootError) -> [UInt8] {
        let (listing, wanted) = found
        guard listing.record.state != .cancelled else {
            throw TalkootError(.refused, "job \(listing.record.id) was cancelled", remedy: "run it anew")
        }
        guard !listing.isHeld else {
            throw TalkootError(.usage, "job \(listing.record.id) is running", remedy: "see `talkoot watch \(listing.record.id)`")
        }
        let record = try await Self.reopen(listing, wanted)
        await keeper.adopt(record)
        return try document(StateAnswer(job: record.id, state: "running"))
    }

    /// Writes down that the job goes on. The journal is closed again when this returns: whoever works on the job opens it.
    private static func reopen(_ listing: JobListing, _ wanted: JobOrder) async throws(TalkootError) -> JobRecord {
        let journal = try await ReleasedJournal.open(listing.directory)
        try journal.forgetFailures()
        let now = WallTime.seconds()
        return try journal.update { record in
            var terms = record.terms ?? JobRecord.Terms()
            terms.isDetached = true
            if let priority = wanted.priority { terms.priority = priority }
            terms.deadline = wanted.deadlineSeconds.map { now + Int64($0) } ?? terms.deadline.flatMap { $0 > now ? $0 : nil }
            (record.state, record.finished, record.terms) = (.running, nil, terms)
        }
    }

    // MARK: Results

    private func result(_ order: ResultOrder, _ session: OrderSession) async throws(TalkootError) -> [UInt8] {
        let listing = try find(order.job, session)
        let path: String
        if order.isPartial {
            path = listing.directory + "/partial"
            if order.offset == 0 { _ = try await PartialOutput.make(listing, home: context.home, launcher: context.launcher, to: path) }
        } else {
            path = try listing.finishedOutput()
        }
        return try FileBytes.piece(path, from: order.offset, limit: OrderLimits.resultPieceBytes)
    }
}
