import NIOCore
import Synchronization
public import TalkootCore
import TalkootProtocol

/// A port where peers that cannot be dialled dial back. Only those that are waited for come in: each by its key and the name of
/// its circuit.
public final class ReverseDoor: Sendable {
    struct Expectation: Sendable {
        var peer: PeerID
        var settings: ConnectionSettings
    }

    private let expected = Mutex<[CircuitID: Expectation]>([:])
    private let listener = Mutex<PeerListener?>(nil)

    /// Opens a free port of all addresses.
    ///
    /// - Throws: ``TalkootError`` `cannotCreate` when there is none.
    public static func open(network: PeerNetwork) async throws(TalkootError) -> ReverseDoor {
        let door = ReverseDoor()
        let listener = try await network.listen(host: "0.0.0.0", port: 0, allowClear: .never) { _ in ReverseCaller(door) }
        door.listener.withLock { $0 = listener }
        return door
    }

    /// The port.
    public var port: UInt16 { UInt16(truncatingIfNeeded: listener.withLock { $0?.port } ?? 0) }

    /// Takes nobody in any more.
    public func close() async { await listener.withLock { $0 }?.close() }

    func expect(_ circuit: CircuitID, _ expectation: Expectation) { expected.withLock { $0[circuit] = expectation } }

    func forget(_ circuit: CircuitID) { expected.withLock { _ = $0.removeValue(forKey: circuit) } }

    /// What the connection goes on as, when the peer is waited for.
    func take(_ circuit: CircuitID, from remote: RemotePeer) -> ConnectionSettings? {
        expected.withLock { expected in
            guard let expectation = expected[circuit], expectation.peer == remote.peer else { return nil }
            expected[circuit] = nil
            return expectation.settings
        }
    }
}

/// Somebody at the door.
private final class ReverseCaller: PeerHandler {
    private let door: ReverseDoor

    init(_ door: ReverseDoor) { self.door = door }

    func connected(_ connection: PeerConnection) {}

    func receive(_ event: PeerEvent, on connection: PeerConnection) {
        switch event {
        case .message(.join(let circuit)):
            guard let settings = door.take(circuit, from: connection.remote) else {
                return connection.close(after: Message.Fault(TalkootError(.refused, "you are not waited for here"), regarding: "join"))
            }
            connection.become(settings, after: .circuit(Message.CircuitReply("yes", circuit: circuit)))
        case .message(.quit): connection.close()
        case .message(let message):
            connection.close(after: Message.Fault(TalkootError(.usage, "this port takes join alone"), regarding: message.typeName))
        default: break
        }
    }

    func closed(_ connection: PeerConnection, error: TalkootError?) {}
}
