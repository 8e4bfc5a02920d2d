import NIOCore

/// Where somebody may be dialled because somebody else asked for it: never a place that only the one who dials can reach.
///
/// Without this rule a stranger could have others' machines knock at doors behind their own firewalls.
public enum DialBack {
    /// The least port that is dialled for somebody: below are the system's own services.
    public static let leastPort: UInt16 = 1024

    /// Why an address and port are not dialled; `nil` when they may be.
    ///
    /// - Parameter witness: an address of the tracker that saw the address. Private and loopback addresses are dialled only
    ///   when the tracker itself is in such a place, since then the whole network is.
    public static func fault(address: String, port: UInt16, witness: String) -> String? {
        guard port >= leastPort else { return "port \(port) is below \(leastPort)" }
        switch (Zone(address), Zone(witness)) {
        case (.nowhere, _): return "\(address.prefix(64)) is no address of one machine"
        case (.loopback, let other) where other != .loopback: return "\(address) is a loopback address"
        case (.near, .everywhere), (.near, .nowhere): return "\(address) is a private address"
        default: return nil
        }
    }

    private enum Zone {
        case everywhere
        /// Private, link-local or a carrier's.
        case near
        case loopback
        /// Unspecified, multicast, reserved, or no address at all.
        case nowhere

        init(_ text: String) {
            guard let address = try? SocketAddress(ipAddress: text, port: 0), let canonical = address.ipAddress else {
                self = .nowhere
                return
            }
            if canonical.contains(":"), !canonical.contains(".") {
                self = Self.six(canonical)
            } else {
                self = Self.four(canonical.split(separator: ":").last ?? "")
            }
        }

        private static func four(_ text: Substring) -> Zone {
            let bytes = text.split(separator: ".").compactMap { UInt8($0) }
            guard bytes.count == 4 else { return .nowhere }
            switch (bytes[0], bytes[1]) {
            case (0, _), (224..., _): return .nowhere
            case (127, _): return .loopback
            case (10, _), (172, 16...31), (192, 168), (169, 254), (100, 64...127): return .near
            default: return .everywhere
            }
        }

        private static func six(_ text: String) -> Zone {
            if text == "::1" { return .loopback }
            let first = UInt16(text.split(separator: ":", omittingEmptySubsequences: false).first ?? "", radix: 16) ?? 0
            switch first {
            case 0, 0xFF00...: return .nowhere
            case 0xFC00...0xFDFF, 0xFE80...0xFEFF: return .near
            default: return .everywhere
            }
        }
    }
}
