import Crypto
import CryptoExtras
import TalkootCore

/// What is kept of a password: `scrypt$17$8$1$SALT$HASH`, salt (16 bytes) and hash (32 bytes) in hexadecimal.
struct PasswordHash: Hashable, Sendable, LosslessStringConvertible {
    var cost: PasswordCost
    var salt: [UInt8]
    var hash: [UInt8]

    /// Derives the hash of a password. Takes as long and as much memory as `cost` says.
    ///
    /// - Throws: `.inputOutput` when the memory cannot be had.
    init(_ password: String, salt: [UInt8], cost: PasswordCost) throws(TalkootError) {
        self.cost = cost
        self.salt = salt
        do {
            let key = try KDF.Scrypt.deriveKey(
                from: Array(password.utf8), salt: salt, outputByteCount: 32, rounds: 1 << cost.logRounds, blockSize: cost.blockSize,
                parallelism: cost.parallelism)
            hash = key.withUnsafeBytes { Array($0) }
        } catch {
            throw TalkootError(.inputOutput, "a password cannot be hashed: \(error)", remedy: "free some memory on the tracker")
        }
    }

    /// Reads the written form; `nil` for anything else, or a cost beyond ``PasswordCost/maximumLogRounds``.
    init?(_ description: String) {
        let parts = description.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", let logRounds = Int(parts[1]), let blockSize = Int(parts[2]),
            let parallelism = Int(parts[3]), let salt = Hexadecimal.bytes(parts[4]), let hash = Hexadecimal.bytes(parts[5]),
            (1...PasswordCost.maximumLogRounds).contains(logRounds), (1...32).contains(blockSize), (1...16).contains(parallelism),
            hash.count == 32, !salt.isEmpty
        else { return nil }
        cost = PasswordCost(logRounds: logRounds, blockSize: blockSize, parallelism: parallelism)
        self.salt = salt
        self.hash = hash
    }

    var description: String {
        "scrypt$\(cost.logRounds)$\(cost.blockSize)$\(cost.parallelism)$\(Hexadecimal.text(salt))$\(Hexadecimal.text(hash))"
    }

    /// Whether it is the hash of this password: the same work and the same time, right or wrong.
    func matches(_ password: String) throws(TalkootError) -> Bool {
        let other = try PasswordHash(password, salt: salt, cost: cost)
        var difference: UInt8 = 0
        for (left, right) in zip(hash, other.hash) { difference |= left ^ right }
        return difference == 0 && hash.count == other.hash.count
    }
}

/// What deriving a hash costs: scrypt with N = 2^`logRounds`.
public struct PasswordCost: Hashable, Sendable {
    /// The binary logarithm of N; memory is 128 N `blockSize` bytes.
    public var logRounds: Int
    /// scrypt's r.
    public var blockSize: Int
    /// scrypt's p.
    public var parallelism: Int

    /// The greatest N is 2^20 (1 GiB with a block size of 8).
    public static let maximumLogRounds = 20

    /// OWASP's minimum: 128 MiB and about half a second.
    public static let standard = PasswordCost(logRounds: 17, blockSize: 8, parallelism: 1)

    /// A cost; tests use a small one.
    public init(logRounds: Int, blockSize: Int = 8, parallelism: Int = 1) {
        self.logRounds = logRounds
        self.blockSize = blockSize
        self.parallelism = parallelism
    }
}
