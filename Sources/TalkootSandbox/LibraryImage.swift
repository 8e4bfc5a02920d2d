import CTalkootSystem
import Glibc
public import TalkootCore

/// A module's library in memory that nobody can change any more: what was checked is what is loaded.
public final class LibraryImage: Sendable {
    /// The largest library, in bytes.
    public static let limitBytes = 256 << 20

    /// How large the library is.
    public let sizeBytes: Int
    /// TALKOOT_PRELOAD_...: libraries that it needs beside libc.
    let preload: UInt32
    private let file: Int32

    /// Copies the library's bytes, which were checked before, into a sealed memory file.
    ///
    /// - Throws: ``TalkootError`` `badData` when it is empty or larger than ``limitBytes``, `cannotCreate` when memory
    ///   files cannot be made.
    public init(bytes: [UInt8]) throws(TalkootError) {
        guard !bytes.isEmpty, bytes.count <= Self.limitBytes else {
            throw TalkootError(.badData, "the module's library has \(bytes.count) bytes", remedy: "build one of at most 256 MiB")
        }
        let file = talkoot_memory_seal("module", bytes, bytes.count)
        guard file >= 0 else {
            throw TalkootError(
                .cannotCreate, "the module's library cannot be put into memory: \(SystemMessage.text(-file))",
                remedy: "free some memory or descriptors")
        }
        self.file = file
        sizeBytes = bytes.count
        preload = NeededLibraries.preload(of: bytes)
    }

    deinit { close(file) }

    /// A place in the library for a person: the function's name, when there is one, and the address, as `module.so+0x1234` alone
    /// or in brackets. Read from the same bytes that were loaded.
    func place(_ address: UInt64) -> String {
        let number = "module.so+0x" + String(address, radix: 16)
        return ModuleSymbols(file: file, sizeBytes: UInt64(sizeBytes)).name(at: address).map { "\($0) (\(number))" } ?? number
    }

    /// A read-only descriptor with an offset of its own, for one cell.
    func reopen() throws(TalkootError) -> Descriptor {
        let file = talkoot_memory_reopen(file)
        guard file >= 0 else {
            throw TalkootError(
                .cannotCreate, "the module's library cannot be opened again: \(SystemMessage.text(-file))",
                remedy: "see that /proc is mounted")
        }
        return Descriptor(file)
    }
}
