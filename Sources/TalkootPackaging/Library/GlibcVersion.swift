/// A version of the C library, `2.36` for instance, ordered by its numbers.
public struct GlibcVersion: Hashable, Comparable, Sendable, LosslessStringConvertible {
    private let numbers: [Int]

    /// Reads one to three numbers joined by dots; `nil` for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part -> Int? in
            (1...4).contains(part.utf8.count) && part.utf8.allSatisfy { (48...57).contains($0) } ? Int(part) : nil
        }
        guard (1...3).contains(numbers.count), numbers.count == parts.count else { return nil }
        self.numbers = numbers
    }

    /// The numbers joined by dots.
    public var description: String { numbers.map(String.init).joined(separator: ".") }

    /// An older version comes first.
    public static func < (left: GlibcVersion, right: GlibcVersion) -> Bool { left.numbers.lexicographicallyPrecedes(right.numbers) }
}
