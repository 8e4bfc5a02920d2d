/// What an account's name and password may be.
enum AccountRules {
    /// Why the name cannot be had; `nil` when it can. `[a-z][a-z0-9_-]{0,31}`: lower case only, so that no two names look alike.
    static func fault(inName name: String) -> String? {
        let bytes = Array(name.utf8)
        guard let first = bytes.first else { return "the name is empty" }
        guard bytes.count <= 32 else { return "the name is longer than 32 characters" }
        if bytes.contains(where: { (65...90).contains($0) }) { return "the name has capital letters; use \(name.lowercased())" }
        guard (97...122).contains(first) else { return "the name does not begin with a letter from a to z" }
        let rest = bytes.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95 }
        return rest ? nil : "the name has other characters than a to z, 0 to 9, - and _"
    }

    /// Why the password cannot be used; `nil` when it can.
    static func fault(inPassword password: String) -> String? {
        switch password.utf8.count {
        case ..<TrackerLimits.passwordBytesMinimum: "the password is empty"
        case ...TrackerLimits.passwordBytes: nil
        default: "the password is longer than \(TrackerLimits.passwordBytes) bytes"
        }
    }
}
