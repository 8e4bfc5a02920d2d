/// Which network an address is in, as far as that tells machines of one owner from others: a public IPv4 address's first three
/// numbers. Nil for private addresses and for anything else, where neighbours need not belong together.
enum NetworkOfAddress {
    static func number(_ address: String) -> UInt64? {
        let parts = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt64($0) }
        guard parts.count == 4, let a = parts[0], let b = parts[1], let c = parts[2], parts[3] != nil, a < 256, b < 256, c < 256 else {
            return nil
        }
        let isPrivate = a == 10 || a == 127 || (a == 172 && (16...31).contains(b)) || (a == 192 && b == 168) || (a == 169 && b == 254)
        return isPrivate || (a == 100 && (64...127).contains(b)) ? nil : a << 16 | b << 8 | c
    }
}
