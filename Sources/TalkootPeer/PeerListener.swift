import NIOCore
import Synchronization
import TalkootProtocol

/// An open port.
public final class PeerListener: Sendable {
    /// The port that is listened on, also when it was asked for as 0.
    public let port: Int
    private let channel: any Channel

    init(channel: any Channel) {
        self.channel = channel
        port = channel.localAddress?.port ?? 0
    }

    /// Accepts no more; connections that are open stay so.
    public func close() async {
        try? await channel.close(mode: .all).get()
    }
}

/// How many connections each address other than loopback has open at a listener.
final class AddressCount: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// Counts a connection in. Gives false when its address has ``Limits/connectionsPerAddress`` others; it is counted all the same.
    func enter(_ remote: RemotePeer) -> Bool {
        guard !remote.isLoopback else { return true }
        return counts.withLock { counts in
            counts[remote.address, default: 0] += 1
            return counts[remote.address, default: 0] <= Limits.connectionsPerAddress
        }
    }

    /// Counts a connection out.
    func leave(_ remote: RemotePeer) {
        guard !remote.isLoopback else { return }
        counts.withLock { counts in
            let left = counts[remote.address, default: 1] - 1
            counts[remote.address] = left > 0 ? left : nil
        }
    }
}
