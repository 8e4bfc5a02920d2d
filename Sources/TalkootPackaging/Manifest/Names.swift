/// The forms that names in a manifest have.
enum Names {
    /// `[a-z][a-z0-9-]{1,62}`.
    static func isModule(_ text: String) -> Bool { text.utf8.count >= 2 && isParameter(text) }

    /// `[a-z][a-z0-9-]{0,62}`.
    static func isParameter(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLower(first), text.utf8.count <= 63 else { return false }
        return text.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    /// The name of a point of a check: small letters and spaces, at most 40.
    static func isPoint(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count) && text.utf8.allSatisfy { isLower($0) || $0 == UInt8(ascii: " ") }
    }

    /// `[a-z0-9_-]{1,40}`: a part of a path inside a package, so nothing else.
    static func isPlatform(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count)
            && text.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }

    /// A file name of 1 to 255 bytes that is no hidden one and has no directory.
    static func isFile(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: ".")
            && text.unicodeScalars.allSatisfy { $0 != "/" && $0.value >= 32 && $0.value != 127 }
    }

    /// `type/subtype` of RFC 6838's restricted names.
    static func isMediaType(_ text: String) -> Bool {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        return halves.count == 2
            && halves.allSatisfy { half in
                (1...127).contains(half.utf8.count)
                    && half.utf8.allSatisfy { isLower($0) || isDigit($0) || "!#$&-^_.+".utf8.contains($0) }
            }
    }

    private static func isLower(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
