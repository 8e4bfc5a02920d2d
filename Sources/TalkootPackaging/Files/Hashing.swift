import Glibc
public import TalkootCore

import protocol Crypto.HashFunction
import struct Crypto.SHA256

/// SHA-256 of bytes and files.
public enum Hashing {
    private static let bufferBytes = 256 << 10

    /// The digest of bytes in memory.
    public static func sha256(_ bytes: some Sequence<UInt8>) -> Digest {
        var function = SHA256()
        let wasContiguous: Void? = bytes.withContiguousStorageIfAvailable { function.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        if wasContiguous == nil {
            Array(bytes).withUnsafeBytes { function.update(bufferPointer: $0) }
        }
        return digest(of: function)
    }

    /// The digest of a file's content, read in pieces.
    ///
    /// - Throws: ``TalkootError`` `notFound` or `inputOutput` when the file cannot be read.
    public static func file(_ path: String) throws(TalkootError) -> Digest {
        let file = try OpenFile.reading(path)
        defer { file.close() }
        var function = SHA256()
        var buffer = [UInt8](repeating: 0, count: bufferBytes)
        while true {
            let count = try file.read(into: &buffer)
            if count == 0 { return digest(of: function) }
            buffer.withUnsafeBytes { function.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    private static func digest(of function: SHA256) -> Digest {
        guard let digest = Digest(bytes: Array(function.finalize())) else {
            preconditionFailure("SHA-256 gives 32 bytes")
        }
        return digest
    }
}
