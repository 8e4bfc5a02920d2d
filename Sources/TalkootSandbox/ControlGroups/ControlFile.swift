import Glibc

/// The small text files by which the kernel is told and asked about control groups.
enum ControlFile {
    /// The largest file that is read, in bytes: `memory.stat` and mount tables are far smaller.
    private static let limitBytes = 1 << 20

    /// The text; nil when the file is not there or may not be read.
    static func read(_ path: String) -> String? {
        let file = Descriptor(open(path, O_RDONLY | O_CLOEXEC))
        guard file.number >= 0 else { return nil }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limitBytes {
            let count = Glibc.read(file.number, &piece, piece.count)
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes a value in one piece, as the kernel wants it; the errno when it refuses, else 0.
    @discardableResult
    static func write(_ text: String, to path: String) -> Int32 {
        let file = Descriptor(open(path, O_WRONLY | O_CLOEXEC))
        guard file.number >= 0 else { return errno }
        let count = text.utf8.count
        return text.withCString { Glibc.write(file.number, $0, count) } == count ? 0 : errno
    }

    /// The number behind a name, in files of `name number` lines.
    static func number(_ name: String, in path: String) -> UInt64? {
        for line in (read(path) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return UInt64(words[1]) }
        }
        return nil
    }
}
