import Glibc
import NIOCore
import Synchronization
import TalkootCore
import TalkootPeer

/// Sends a file as the body of a reply, piece by piece, no faster than the peer takes it. Reads on the errands thread.
final class BodySender: Sendable {
    private struct State {
        var descriptor: Int32
        var left: UInt64
        var isQueued = false
    }

    /// What is read and sent at once, in bytes.
    private static let pieceBytes = 256 << 10

    private let connection: PeerConnection
    private let errands: Errands
    private let state: Mutex<State>
    private let finished: @Sendable () -> Void

    /// Takes the open file; `finished` is called when it is sent or cannot be.
    init(descriptor: Int32, bytes: UInt64, connection: PeerConnection, errands: Errands, finished: @escaping @Sendable () -> Void) {
        state = Mutex(State(descriptor: descriptor, left: bytes))
        self.connection = connection
        self.errands = errands
        self.finished = finished
    }

    deinit { close() }

    /// Sends on, when the connection has room.
    func proceed() {
        let isNew = state.withLock { state in
            guard state.descriptor >= 0, !state.isQueued else { return false }
            state.isQueued = true
            return true
        }
        guard isNew else { return }
        if !errands.add({ self.send() }) {
            state.withLock { $0.isQueued = false }
            connection.close()
        }
    }

    /// Gives up.
    func close() {
        state.withLock { state in
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state.descriptor = -1
        }
    }

    private func send() {
        state.withLock { $0.isQueued = false }
        while connection.isWritable {
            let piece = state.withLock { state -> [UInt8]? in
                guard state.descriptor >= 0 else { return nil }
                let piece = Self.read(state.descriptor, atMost: min(state.left, UInt64(Self.pieceBytes)))
                state.left -= UInt64(piece.count)
                return piece
            }
            guard let piece else { return }
            guard !piece.isEmpty else {
                // The file ended early: the peer must not take what follows for the body.
                close()
                return connection.close()
            }
            connection.sendBody(ByteBuffer(bytes: piece))
            guard state.withLock({ $0.left }) > 0 else {
                close()
                return finished()
            }
        }
    }

    private static func read(_ descriptor: Int32, atMost count: UInt64) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
            repeat { filled = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count)) } while filled == 0 && errno == EINTR
        }
    }
}
