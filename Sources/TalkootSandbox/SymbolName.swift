/// The names of functions in a symbol table, for a person.
enum SymbolName {
    /// The longest name that is read, in bytes; the rest is cut off.
    static let limitBytes = 256

    /// The name without the decoration of simple C++ names (`_ZN4home7connectEi` is `home::connect`); others stay as they are.
    /// What does not print becomes a question mark: the name is a stranger's and goes to a terminal.
    static func readable(_ bytes: [UInt8]) -> String {
        let printable = bytes.map { (0x21...0x7e).contains($0) ? $0 : UInt8(ascii: "?") }
        return cxx(printable[...]) ?? String(decoding: printable, as: UTF8.self)
    }

    /// `_Z` and one name, or `_ZN`, several names and `E`, after the Itanium C++ ABI; nil for templates, operators and the like.
    private static func cxx(_ name: ArraySlice<UInt8>) -> String? {
        guard name.starts(with: "_Z".utf8) else { return nil }
        var rest = name.dropFirst(2)
        let isNested = rest.first == UInt8(ascii: "N")
        if isNested { rest = rest.dropFirst() }
        // Inside: K of a const method. Outside: L of a function that only its file sees.
        if let mark = rest.first, mark == UInt8(ascii: isNested ? "K" : "L") { rest = rest.dropFirst() }
        var parts: [String] = []
        while let part = part(&rest) {
            parts.append(part)
            if !isNested { break }
        }
        guard !parts.isEmpty, !isNested || rest.first == UInt8(ascii: "E") || constructs(rest, &parts) else { return nil }
        guard isNested || rest.first != UInt8(ascii: "I") else { return nil }
        return parts.joined(separator: "::")
    }

    /// A length and as many bytes.
    private static func part(_ rest: inout ArraySlice<UInt8>) -> String? {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.prefix(4)
        guard let length = Int(String(decoding: digits, as: UTF8.self)), length > 0, rest.count - digits.count >= length else { return nil }
        rest = rest.dropFirst(digits.count)
        defer { rest = rest.dropFirst(length) }
        let text = String(decoding: rest.prefix(length), as: UTF8.self)
        return text.hasPrefix("_GLOBAL__N_") ? "(anonymous)" : text
    }

    /// `C1E`, `C2E`, `D1E` and so on: a constructor or destructor.
    private static func constructs(_ rest: ArraySlice<UInt8>, _ parts: inout [String]) -> Bool {
        guard let last = parts.last, rest.count >= 3, rest[rest.startIndex + 2] == UInt8(ascii: "E") else { return false }
        switch rest.first {
        case UInt8(ascii: "C"): parts.append(last)
        case UInt8(ascii: "D"): parts.append("~" + last)
        default: return false
        }
        return true
    }
}
