import Logging
public import TalkootCore
public import TalkootPeer
public import TalkootProtocol
import TalkootScheduling

extension Coordinator {
    /// The volunteers that were added, in that order, with what each is doing.
    public var volunteers: [VolunteerStatus] { volunteerBook.links.map(\.status) }

    /// Asks a volunteer to take part, in the background: it is dialled, asked, and given leases when it is ready; dialled
    /// again with growing waits when it is lost, until the job is over, it declines, or it breaks the rules.
    ///
    /// `name` stands for it in the journal, at most 256 bytes. Returns at once; ``volunteers`` tells how it goes.
    /// - Throws: ``TalkootError`` `not-found` or `input-output` when the module's package cannot be read.
    public func addVolunteer(
        _ endpoint: PeerEndpoint, name: String, network: PeerNetwork, security: ConnectionSecurity = .tls
    ) throws(TalkootError) {
        try add(name, address: "\(endpoint.host):\(endpoint.port)") { session throws(TalkootError) in
            try await network.connect(to: endpoint, framing: .frames, security: security, handler: session)
        }
    }

    private func add(
        _ name: String, address: String, dial: @escaping @Sendable (VolunteerSession) async throws(TalkootError) -> PeerConnection
    ) throws(TalkootError) {
        let (reads, seed) = try service.open(job, logger: logger)
        let name = String(decoding: Array(name.utf8.prefix(200)), as: UTF8.self)
        let (job, dispatcher, logger) = (job, dispatcher, logger)
        let added = volunteerBook.add(name) { owner in
            let link = VolunteerLink(name: name, address: address, decisions: job.decisions)
            link.start(
                { link, ended in
                    VolunteerSession(
                        VolunteerSession.Context(
                            job: job, dispatcher: dispatcher, reads: reads, seed: seed, owner: owner,
                            traits: HostTraits(network: NetworkOfAddress.number(String(address.prefix { $0 != ":" }))), name: name,
                            logger: logger,
                            changed: { link.set($0) }, counted: { link.count($0) }, ended: ended))
                },
                dial: { session throws(TalkootError) in
                    let connection = try await dial(session)
                    logger.info("reached a volunteer", metadata: ["volunteer": "\(name)", "peer": "\(connection.remote)"])
                })
            return link
        }
        if added == nil { logger.debug("the job was over before a volunteer could be asked", metadata: ["volunteer": "\(name)"]) }
    }

    /// Asks a volunteer from a tracker's list to take part; see ``addVolunteer(_:name:network:security:)``. With a rendezvous also one
    /// that cannot be dialled.
    ///
    /// - Throws: ``TalkootError`` `usage` when the peer can be reached in no way, `not-found` or `input-output` when the package
    ///   cannot be read.
    public func addVolunteer(_ record: PeerRecord, network: PeerNetwork, rendezvous: Rendezvous? = nil) throws(TalkootError) {
        guard record.port > 0 || (rendezvous != nil && record.peer != nil) else {
            throw TalkootError(.usage, "\(record.name) does not listen, so it cannot be asked", remedy: "choose another volunteer")
        }
        try add(record.name, address: "\(record.address):\(record.port)") { session throws(TalkootError) in
            try await network.reach(record, through: rendezvous, handler: session)
        }
    }
}
