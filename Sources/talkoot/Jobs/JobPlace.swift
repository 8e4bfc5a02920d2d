import TalkootCore
import TalkootPeer
import TalkootStore

/// Where a job's units run.
enum JobPlace: Sendable, Hashable {
    /// In cells of this machine.
    case local
    /// On the volunteers that a tracker knows.
    case tracker(PeerEndpoint)

    /// The flag or setting `on`, else the tracker of the latest login, else this machine.
    ///
    /// - Throws: ``TalkootError`` `usage` when the address makes no sense.
    static func resolve(flag: String?, settings: Settings, session: Session) throws(TalkootError) -> JobPlace {
        if let source = settings.source(.on, flag: flag) {
            if source.text == "local" { return .local }
            return .tracker(try TrackerAddress.endpoint(source.text, place: source.place))
        }
        if let current = session.current { return .tracker(try TrackerAddress.endpoint(current, place: current)) }
        return .local
    }

    /// The place of a job that is resumed.
    ///
    /// - Throws: ``TalkootError`` `badData` when the journal's address makes no sense.
    init(_ mode: JobRecord.Mode) throws(TalkootError) {
        switch mode {
        case .local: self = .local
        case .tracker(let text):
            guard let endpoint = PeerEndpoint(text) else {
                throw TalkootError(.badData, "the job names no tracker's address: \(text)", remedy: "resume it with --on")
            }
            self = .tracker(endpoint)
        }
    }
}
