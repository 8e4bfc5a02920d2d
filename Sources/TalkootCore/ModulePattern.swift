/// Which modules somebody looks for: `prim`, `*-length`, `primes@1.*`.
///
/// Before the `@` stands the name: without a `*` any name that holds the text, else the whole name with `*` for any part. After the `@` stands
/// the version, the whole of it, with `*` for any part. Either may be left out.
public struct ModulePattern: Hashable, Sendable, LosslessStringConvertible {
    /// The longest pattern, in bytes: a name, a version and some stars.
    public static let bytes = 160

    /// The pattern as it was written.
    public let description: String
    private let name: [UInt8]
    private let version: [UInt8]

    /// A pattern; `nil` when it is longer than ``bytes``. The empty one is every module's. Costs as much as it is long.
    public init?(_ description: String) {
        guard description.utf8.count <= Self.bytes else { return nil }
        self.description = description
        let parts = description.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let text = parts[0]
        name = Array((text.utf8.contains(Self.star) ? String(text) : "*\(text)*").utf8)
        version = Array((parts.count == 2 && !parts[1].isEmpty ? String(parts[1]) : "*").utf8)
    }

    /// Whether it means this module. Costs at most the product of the lengths.
    public func matches(name: String, version: SemanticVersion) -> Bool {
        Self.matches(self.name, Array(name.utf8)) && Self.matches(self.version, Array(version.description.utf8))
    }

    private static let star = UInt8(ascii: "*")

    /// Remembers the last star alone: what came before it has matched as early as it could, so nothing is lost by never going further back.
    private static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        var (inPattern, inText) = (0, 0)
        var lastStar: (pattern: Int, text: Int)?
        while inText < text.count {
            if inPattern < pattern.count, pattern[inPattern] == star {
                lastStar = (inPattern, inText)
                inPattern += 1
            } else if inPattern < pattern.count, pattern[inPattern] == text[inText] {
                inPattern += 1
                inText += 1
            } else if let back = lastStar {
                inPattern = back.pattern + 1
                inText = back.text + 1
                lastStar = (back.pattern, back.text + 1)
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == star }
    }
}
