import TalkootCore
import TalkootPeer
import TalkootStore

extension Home {
    /// What a long-lived coordinator of this home keeps beside the jobs.
    var coordinator: String { directory + "/coordinator" }

    /// Where the coordinator that runs with this home listens; `nil` when none does.
    ///
    /// - Throws: ``TalkootError`` `badData` or `inputOutput` when its address cannot be read.
    func runningCoordinator() throws(TalkootError) -> PeerEndpoint? {
        let file = coordinator + "/address"
        guard DirectoryLock.isHeld(directory: coordinator), FileBytes.exists(file) else { return nil }
        let text = String(decoding: try FileBytes.read(file, limit: 4096), as: UTF8.self).filter { !$0.isNewline }
        guard let endpoint = PeerEndpoint(text), endpoint.pin != nil else {
            throw TalkootError(.badData, "\(file) names no coordinator's address", remedy: "restart `talkoot coordinator`")
        }
        return endpoint
    }
}

/// A connection to a coordinator for one command.
enum CoordinatorPlace {
    /// Runs `work` with a connection to the coordinator at `address`, else to the one that runs with this home.
    ///
    /// - Throws: ``TalkootError`` `unreachable` when there is none, `usage` when the address makes no sense, and what `work` throws.
    static func use<Value: Sendable>(
        _ address: String?, home: Home, _ work: (OrderLine) async throws(TalkootError) -> Value
    ) async throws(TalkootError) -> Value {
        let dialer = try TrackerDialer(home: home)
        do throws(TalkootError) {
            let endpoint = try endpoint(address, home: home)
            let line = try await OrderLine(endpoint: dialer.pinned(endpoint), dialer: dialer)
            let value = try await work(line)
            line.close()
            await dialer.close()
            return value
        } catch {
            await dialer.close()
            throw error
        }
    }

    private static func endpoint(_ address: String?, home: Home) throws(TalkootError) -> PeerEndpoint {
        if let address {
            guard let endpoint = PeerEndpoint(address) else {
                throw TalkootError(
                    .usage, "--at \(address) is no coordinator's address",
                    remedy: "write HOST:PORT#PEER-ID as `talkoot coordinator` prints it")
            }
            return endpoint
        }
        guard let endpoint = try home.runningCoordinator() else {
            throw TalkootError(
                .unreachable, "no coordinator runs with \(home.directory)", remedy: "start one with `talkoot coordinator`, or give --at")
        }
        return endpoint
    }
}
