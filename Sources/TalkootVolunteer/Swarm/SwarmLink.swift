import NIOCore
import TalkootCore
import TalkootPeer
import TalkootProtocol

/// A connection between two volunteers of a job. Either may have dialled; both may fetch.
final class SwarmLink: PeerHandler {
    /// Its number in the job's swarm.
    let number: Int
    private let swarm: JobSwarm

    init(number: Int, swarm: JobSwarm) {
        self.number = number
        self.swarm = swarm
    }

    /// The dial succeeded; one that was accepted has been connected before.
    func connected(_ connection: PeerConnection) { swarm.reached(number, connection) }

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        switch event {
        case .message(.swarm(let greeting)): swarm.greeted(number, greeting)
        case .message(.have(let have)): swarm.told(number, have)
        case .message(.fetch(let fetch)): swarm.asked(number, fetch)
        case .message(.error(let fault)): swarm.refused(number, fault)
        case .message(.quit): connection.close()
        case .message: break
        case .chunk(let chunk):
            swarm.received(stream: chunk.stream, offset: chunk.offset, Array(chunk.bytes.readableBytesView), from: .link(number))
        case .writable: swarm.serveNext(number)
        case .commit, .checkpoint, .body: connection.close()
        }
    }

    func closed(_ connection: PeerConnection, error: TalkootError?) { swarm.lost(number) }
}
