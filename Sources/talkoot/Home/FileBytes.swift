import Glibc
import TalkootCore

/// Small files, read and written whole.
enum FileBytes {
    /// Reads a file of at most `limit` bytes.
    ///
    /// - Throws: ``TalkootError`` `notFound` when it is not there, `refused` when it may not be read, `badData` when it is larger,
    ///   `inputOutput` for anything else.
    static func read(_ path: String, limit: Int) throws(TalkootError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFault.reading(path) }
        defer { close(descriptor) }
        return try read(descriptor, named: path, limit: limit)
    }

    /// Reads standard input to its end, at most `limit` bytes.
    ///
    /// - Throws: ``TalkootError`` `badData` when there is more, `inputOutput` when reading fails.
    static func readStandardInput(limit: Int) throws(TalkootError) -> [UInt8] {
        try read(STDIN_FILENO, named: "standard input", limit: limit)
    }

    /// Writes a file under its name only when it is complete, readable by its owner alone.
    ///
    /// - Throws: ``TalkootError`` `cannotCreate` or `inputOutput`.
    static func replace(_ path: String, with bytes: [UInt8]) throws(TalkootError) {
        let temporary = path + ".\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileFault.creating(path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFault.writing(path, removing: temporary) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw FileFault.writing(path, removing: temporary) }
    }

    /// Copies all that `source` gives.
    ///
    /// - Throws: ``TalkootError`` `inputOutput` when reading or writing fails.
    static func copy(from source: Int32, named sourceName: String, to target: Int32, named targetName: String) throws(TalkootError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = Glibc.read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFault.reading(sourceName) }
            if count == 0 { return }
            try write(buffer[..<count], to: target, named: targetName)
        }
    }

    /// Writes all of it.
    ///
    /// - Throws: ``TalkootError`` `inputOutput`.
    static func write(_ bytes: ArraySlice<UInt8>, to target: Int32, named name: String) throws(TalkootError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(target, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFault.writing(name) }
            rest = rest.dropFirst(count)
        }
    }

    /// Reads a part of a file; less than `limit` at its end, nothing behind it.
    ///
    /// - Throws: ``TalkootError`` `notFound`, `refused` or `inputOutput` when it cannot be read.
    static func piece(_ path: String, from offset: UInt64, limit: Int) throws(TalkootError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFault.reading(path) }
        defer { close(descriptor) }
        guard let start = Int(exactly: offset) else { return [] }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = pread(descriptor, &bytes, limit, start)
        guard count >= 0 else { throw FileFault.reading(path) }
        return Array(bytes[..<count])
    }

    /// Whether something is there.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func read(_ descriptor: Int32, named name: String, limit: Int) throws(TalkootError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit + 1, 64 << 10))
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFault.reading(name) }
            if count == 0 { return bytes }
            bytes += chunk[0..<count]
            guard bytes.count <= limit else {
                throw TalkootError(.badData, "\(name) is larger than \(NumberText.size(UInt64(limit)))", remedy: "is it the right file?")
            }
        }
    }
}
