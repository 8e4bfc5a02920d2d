import Glibc
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

    /// What others call this machine: the address listened on, or the machine's name when that is all of them.
    static func name(of host: String) -> String {
        guard ["0.0.0.0", "::"].contains(host) else { return host }
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return host }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// An address at which this machine itself reaches who listens on `host`.
    static func own(_ host: String) -> String { ["0.0.0.0": "127.0.0.1", "::": "::1"][host] ?? host }

    /// `HOST:PORT`.
    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
