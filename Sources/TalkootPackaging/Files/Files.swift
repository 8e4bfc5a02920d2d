import Glibc
import TalkootCore

/// Whole-file operations: bounded reads, crash-safe writes, listings.
enum Files {
    /// Reads a regular file of at most `limitBytes`.
    static func read(_ path: String, limitBytes: Int) throws(TalkootError) -> [UInt8] {
        let file = try OpenFile.reading(path)
        defer { file.close() }
        let size = file.sizeBytes
        guard size <= limitBytes else {
            throw TalkootError(.badData, "\(path) has \(size) bytes; at most \(limitBytes) are allowed")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        var buffer = [UInt8](repeating: 0, count: min(max(size, 4096), 256 << 10))
        while true {
            let count = try file.read(into: &buffer)
            if count == 0 { return bytes }
            guard bytes.count + count <= limitBytes else {
                throw TalkootError(.badData, "\(path) grew beyond \(limitBytes) bytes while it was read", remedy: "try again")
            }
            bytes += buffer[..<count]
        }
    }

    /// Writes a file that is either complete or absent, whatever happens: temporary file, fsync, rename, fsync of the directory.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws(TalkootError) {
        let temporary = temporaryPath(beside: path)
        let file = try OpenFile.creating(temporary, mode: mode)
        do {
            defer { file.close() }
            try file.write(bytes)
            try file.synchronize()
        } catch {
            unlink(temporary)
            throw error
        }
        try rename(temporary, to: path)
    }

    /// Moves a synchronized file into place.
    static func rename(_ source: String, to path: String) throws(TalkootError) {
        guard Glibc.rename(source, path) == 0 else {
            let number = errno
            unlink(source)
            throw FileFault.error(number, "cannot create", path, creating: true)
        }
        synchronizeDirectory(directory(of: path))
    }

    /// A name in the same directory that nobody else uses.
    static func temporaryPath(beside path: String) -> String {
        let number = String(UInt64.random(in: .min ... .max), radix: 16)
        return "\(directory(of: path))/.\(name(of: path)).\(number).part"
    }

    /// The names in a directory without `.` and `..`, sorted; at most `limit`.
    static func names(in directory: String, limit: Int) throws(TalkootError) -> [String] {
        guard let stream = opendir(directory) else { throw FileFault.error(errno, "cannot read the directory", directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            guard names.count < limit else {
                throw TalkootError(.refused, "\(directory) holds more than \(limit) files", remedy: "remove what is not needed")
            }
            names.append(name)
        }
        return names.sorted()
    }

    /// Makes a directory and those above it.
    static func makeDirectories(_ path: String) throws(TalkootError) {
        if isDirectory(path) { return }
        let parent = directory(of: path)
        if parent != path, parent != "." { try makeDirectories(parent) }
        if mkdir(path, 0o755) != 0, errno != EEXIST { throw FileFault.error(errno, "cannot create the directory", path, creating: true) }
    }

    static func isDirectory(_ path: String) -> Bool { kind(path) == S_IFDIR }

    static func isFile(_ path: String) -> Bool { kind(path) == S_IFREG }

    /// When the file last changed, in nanoseconds; `nil` when it is not there.
    static func changed(_ path: String) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }

    /// The path from the root, links resolved; the path itself when nothing is there.
    static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func name(of path: String) -> String { String(path.split(separator: "/").last ?? "") }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func kind(_ path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    private static func synchronizeDirectory(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
