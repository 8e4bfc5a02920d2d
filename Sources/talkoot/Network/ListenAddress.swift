import TalkootCore

/// `HOST:PORT`, `PORT` or `HOST` to listen on; port 0 lets the system choose.
struct ListenAddress: Hashable, Sendable {
    /// An address of this machine, without brackets.
    var host: String
    /// The port.
    var port: Int

    /// Names an address.
    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads a setting; `standard` fills in what it leaves out.
    ///
    /// - Throws: ``TalkootError`` `usage` when it makes no sense.
    init(_ source: Settings.Source?, standard: ListenAddress) throws(TalkootError) {
        self = standard
        guard let source else { return }
        let text = source.text
        if let port = Int(text) {
            self.port = port
        } else if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]"), text.hasPrefix("[") || text.firstIndex(of: ":") == colon {
            host = text[..<colon].filter { $0 != "[" && $0 != "]" }
            port = Int(text[text.index(after: colon)...]) ?? -1
        } else {
            host = text.filter { $0 != "[" && $0 != "]" }
        }
        guard !host.isEmpty, (0...65_535).contains(port) else {
            throw TalkootError(.usage, "\(source.place) is no address to listen on", remedy: "write HOST:PORT, 0.0.0.0:7117 for instance")
        }
    }

    /// `HOST:PORT`.
    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
