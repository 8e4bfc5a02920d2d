/// Numbers as people write them: `1e9`, `1_000_000`, `4GiB`, `64 MiB`.
public enum NumberText {
    /// A whole number: digits with optional underscores and sign, or a decimal with exponent that is whole (`1e9`, `2.5e3`).
    ///
    /// - Returns: `nil` for anything else, and when the value does not fit 64 bits.
    public static func integer(_ text: String) -> Int64? {
        let plain = text.filter { $0 != "_" }
        guard !plain.isEmpty, plain.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
        if let value = Int64(plain) { return value }
        return scaled(plain)
    }

    /// A size in bytes: a whole number with an optional unit `B`, `kB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB`, `TiB`.
    ///
    /// - Returns: `nil` for anything else, and when the value is negative or does not fit 64 bits.
    public static func byteCount(_ text: String) -> UInt64? {
        let trimmed = text.trimmingSpaces()
        let units: [(String, UInt64)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
            ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1), ("", 1),
        ]
        for (unit, scale) in units where trimmed.hasSuffix(unit) {
            guard let value = integer(String(trimmed.dropLast(unit.count)).trimmingSpaces()), value >= 0 else { return nil }
            let (bytes, overflow) = UInt64(value).multipliedReportingOverflow(by: scale)
            return overflow ? nil : bytes
        }
        return nil
    }

    /// A size in bytes for people: `64 MiB`, `1.5 GiB`, `12 B`.
    public static func size(_ bytes: UInt64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let tenths = (value * 10).rounded()
        return tenths.truncatingRemainder(dividingBy: 10) == 0
            ? "\(Int(tenths / 10)) \(units[unit])" : "\(tenths / 10) \(units[unit])"
    }

    /// `2.5e3`: mantissa digits and a power of ten, computed exactly.
    private static func scaled(_ text: String) -> Int64? {
        let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
        guard parts.count == 2, let exponent = Int(parts[1]), (0...18).contains(exponent) else { return nil }
        let decimal = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard decimal.count <= 2, !decimal[0].isEmpty else { return nil }
        let fraction = decimal.count == 2 ? decimal[1].reversed().drop { $0 == "0" }.reversed().map(String.init).joined() : ""
        guard fraction.count <= exponent, fraction.allSatisfy(\.isNumber) else { return nil }
        return Int64(String(decimal[0]) + fraction + String(repeating: "0", count: exponent - fraction.count))
    }
}

extension String {
    fileprivate func trimmingSpaces() -> String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
