public import TalkootCore

/// Where a peer listens and, when pinned, which key it must prove: `HOST[:PORT][#PEER-ID]`.
public struct PeerEndpoint: Hashable, Sendable, LosslessStringConvertible {
    /// The port when none is given.
    public static let defaultPort = 7117

    /// A host name or a numerical address, without brackets.
    public var host: String
    /// The port, 1 to 65535.
    public var port: Int
    /// The key that the peer must prove; `nil` accepts any.
    public var pin: PeerID?

    /// Names an endpoint.
    public init(host: String, port: Int = PeerEndpoint.defaultPort, pin: PeerID? = nil) {
        self.host = host
        self.port = port
        self.pin = pin
    }

    /// Reads `HOST`, `HOST:PORT`, `[V6]`, `[V6]:PORT` or a bare IPv6 address, each perhaps with `#PEER-ID`; `nil` for anything else.
    public init?(_ description: String) {
        let halves = description.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        var pin: PeerID?
        if halves.count == 2 {
            guard let peer = PeerID(String(halves[1])) else { return nil }
            pin = peer
        }
        guard let (host, portText) = Self.split(halves[0]), Self.isHost(host) else { return nil }
        var port = Self.defaultPort
        if let portText {
            guard !portText.isEmpty, portText.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(portText),
                (1...65_535).contains(number)
            else { return nil }
            port = number
        }
        self.init(host: String(host), port: port, pin: pin)
    }

    /// The form that ``init(_:)`` reads, with the port.
    public var description: String {
        let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        return pin.map { "\(place)#\($0)" } ?? place
    }

    private static func split(_ text: Substring) -> (host: Substring, port: Substring?)? {
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else { return nil }
            let host = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            guard host.contains(":") else { return nil }
            if rest.isEmpty { return (host, nil) }
            return rest.first == ":" ? (host, rest.dropFirst()) : nil
        }
        let colons = text.filter { $0 == ":" }.count
        guard colons == 1, let colon = text.firstIndex(of: ":") else { return (text, nil) }
        return (text[..<colon], text[text.index(after: colon)...])
    }

    private static func isHost(_ host: Substring) -> Bool {
        !host.isEmpty && host.utf8.count <= 255
            && host.utf8.allSatisfy {
                (48...58).contains($0) || (65...90).contains($0) || (97...122).contains($0) || [37, 45, 46, 95].contains($0)
            }
    }
}
