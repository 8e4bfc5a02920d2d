import TalkootCore
import Testing

@Suite("Patterns of modules")
struct ModulePatternTests {
    private func matches(_ pattern: String, _ name: String, _ version: String = "1.2.0") -> Bool {
        ModulePattern(pattern)!.matches(name: name, version: SemanticVersion(version)!)
    }

    @Test(
        "A name is searched for its part, or compared as a whole when the pattern has stars",
        arguments: [
            ("", true), ("prim", true), ("imes", true), ("primes", true), ("primez", false), ("prim*", true), ("*mes", true),
            ("mes*", false),
            ("p*i*s", true), ("p*i*x", false), ("*", true), ("**", true), ("primes*", true), ("primes@1.2.0", true), ("primes@1.2", false),
            ("primes@1.*", true), ("@1.2.0", true), ("@2.*", false), ("primes@", true), ("Primes", false),
        ])
    func names(pattern: String, expected: Bool) {
        #expect(matches(pattern, "primes") == expected)
    }

    @Test("A pattern of stars and near misses costs no more than the product of the lengths, and a long one is none")
    func bounded() {
        let pattern = String(repeating: "a*", count: ModulePattern.bytes / 2 - 1) + "b"
        #expect(!matches(pattern, String(repeating: "a", count: 63)))
        #expect(ModulePattern(String(repeating: "a", count: ModulePattern.bytes + 1)) == nil)
    }
}
