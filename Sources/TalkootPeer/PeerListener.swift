/// An open port.
public final class PeerListener: Sendable {
    /// The port that is listened on, also when it was asked for as 0.
    public let port: Int

    init(port: Int) {
        self.port = port
    }

    /// Accepts no more; connections that are open stay so.
    public func close() async {}
}
