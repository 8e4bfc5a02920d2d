public import TalkootCore

/// What a job asks of this machine, in words that a person can decide on.
///
/// Printed as `primes 1.2.0 by alice: reads nothing; network: never; memory up to 64 MiB`.
public struct JobRequestSummary: Hashable, Sendable, CustomStringConvertible {
    /// The module's name; only claimed while ``version`` is absent.
    public var moduleName: String
    /// The module's version; absent while the module is not here yet.
    public var version: String?
    /// The key id of the publisher whose signature the package carries; absent when unsigned or not here yet.
    public var publisher: String?
    /// The module's identity.
    public var digest: Digest
    /// Who asks: the requester's account name, as it claims, or its address.
    public var requester: String
    /// Whether the job reads an input that the requester sends.
    public var readsInput: Bool
    /// The private memory of one cell, in bytes.
    public var memoryBytes: UInt64
    /// The threads of one cell.
    public var threads: Int
    /// What the requester says about the job, shortened to one line.
    public var title: String

    /// The whole request in one line.
    public var description: String {
        var name = moduleName
        if let version { name += " " + version } else { name += " (module \(digest.short), not seen here before)" }
        var needs = [
            readsInput ? "reads its input only" : "reads nothing", "network: never", "memory up to \(NumberText.size(memoryBytes))",
        ]
        if threads > 1 { needs.append("\(threads) threads") }
        if let publisher { needs.append("signed by \(publisher)") }
        return "\(name) by \(requester): " + needs.joined(separator: "; ")
    }

    /// Text from another machine as one harmless line: no control or invisible characters, at most `limit` characters.
    static func line(_ text: String, limit: Int = 80) -> String {
        let plain = String(
            text.unicodeScalars.prefix(4 * limit).map { scalar -> Character in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: " "
                default: Character(scalar)
                }
            })
        return plain.count > limit ? String(plain.prefix(limit - 1)) + "…" : plain
    }
}
