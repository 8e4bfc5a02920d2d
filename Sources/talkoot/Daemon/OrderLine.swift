import TalkootCoordinator
import TalkootCore
import TalkootPeer

/// A line to a coordinator: orders as values, answers as values.
struct OrderLine: Sendable {
    private let client: OrderClient
    /// The coordinator's address, for messages.
    let place: String

    /// Connects, and says so when the coordinator's identity is seen for the first time.
    ///
    /// - Throws: ``TalkootError`` `unreachable` or `refused`.
    init(endpoint: PeerEndpoint, dialer: TrackerDialer) async throws(TalkootError) {
        place = "\(endpoint.host):\(endpoint.port)"
        do throws(TalkootError) {
            client = try await OrderClient.connect(to: endpoint, network: dialer.network)
        } catch {
            guard error.code == .unreachable else { throw error }
            throw TalkootError(.unreachable, error.message, remedy: "check the address, and that `talkoot coordinator` runs there")
        }
        guard endpoint.pin == nil, let peer = client.peer else { return }
        var known = try KnownTrackers(home: dialer.home)
        try known.remember(peer, at: place)
        StandardStream.note("talkoot: first contact with the coordinator \(place): its identity \(peer) is trusted from now on")
    }

    /// Hangs up.
    func close() { client.close() }

    /// Gives an order; the answer is a JSON document.
    ///
    /// - Throws: what the coordinator says, `unreachable` when it does not answer, `badData` when its answer makes no sense.
    func ask<Answer: Decodable>(_ verb: String, job: JobID? = nil, _ body: (some Encodable)?, as type: Answer.Type)
        async throws(TalkootError)
        -> Answer
    {
        let bytes = try await client.order(verb, job: job, body: try body.map { (body) throws(TalkootError) in try JSONText.text(body) })
        guard let answer = JSONText.value(type, from: bytes) else {
            throw TalkootError(.badData, "the coordinator \(place) gave an answer that makes no sense", remedy: "is its version the same?")
        }
        return answer
    }

    /// As ``ask(_:job:_:as:)``, without a body.
    func ask<Answer: Decodable>(_ verb: String, job: JobID? = nil, as type: Answer.Type) async throws(TalkootError) -> Answer {
        try await ask(verb, job: job, String?.none, as: type)
    }

    /// Submits a job, handing out its package and input as they are asked for.
    ///
    /// - Throws: as ``ask(_:job:_:as:)``.
    func submit(_ order: SubmitOrder, package: String, input: String?) async throws(TalkootError) -> SubmitAnswer {
        client.offer(package: package, input: input, for: order.job)
        return try await ask("submit", job: order.job, order, as: SubmitAnswer.self)
    }

    /// A piece of a result, from `offset` on; empty at its end.
    ///
    /// - Throws: as ``ask(_:job:_:as:)``.
    func result(of job: String, offset: UInt64, isPartial: Bool) async throws(TalkootError) -> [UInt8] {
        try await client.order("result", body: try JSONText.text(ResultOrder(job: job, offset: offset, isPartial: isPartial)))
    }
}
