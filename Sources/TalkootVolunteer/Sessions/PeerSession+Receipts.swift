import Logging
import Synchronization
import TalkootCore
import TalkootPeer
import TalkootProtocol

extension PeerSession {
    /// Keeps what the coordinator signed: for this job, by its own key, to an account of this owner, and each only once.
    func keep(_ receipt: Receipt) {
        guard let path = agent.configuration.receipts else { return }
        let (isExpected, count) = state.withLock { state in
            state.receipts += 1
            guard case .working(let work) = state.work.state else { return (false, state.receipts) }
            return (work.admission.job.id == receipt.job && work.admission.job.module == receipt.module, state.receipts)
        }
        let accounts = agent.configuration.trackers.map(\.credential.name)
        guard isExpected, count <= VolunteerLimits.receipts, receipt.issuer == remote.peer, accounts.contains(receipt.volunteer),
            receipt.fault == nil, receipt.isSigned
        else {
            return agent.logger.info("a receipt is refused", metadata: ["peer": "\(remote)", "job": "\(receipt.job)"])
        }
        let agent = agent
        let isQueued = agent.errands.add {
            do throws(TalkootError) {
                try ReceiptFile(path: path, limitBytes: VolunteerLimits.receiptFileBytes).append { old in
                    old.contains { $0.issuer == receipt.issuer && $0.volunteer == receipt.volunteer && $0.number >= receipt.number }
                        ? [] : [receipt]
                }
            } catch {
                agent.logger.warning("a receipt could not be kept", metadata: ["why": "\(error)"])
            }
        }
        if !isQueued { agent.logger.warning("a receipt could not be kept: this volunteer is busy") }
    }
}

extension TrackerLogin.Credential {
    /// The account.
    fileprivate var name: String {
        switch self {
        case .password(let name, _), .token(let name, _): name
        }
    }
}
