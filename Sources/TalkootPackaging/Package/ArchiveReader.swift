import CArchive
import TalkootCore

/// Reads the entries of a package in order, from a descriptor, never to a path.
///
/// Only plain files with plain names pass; each name and size is checked before a byte of it is read.
final class ArchiveReader {
    struct Entry {
        let name: String
        let sizeBytes: Int
    }

    private let archive: OpaquePointer
    private let file: OpenFile
    private var names: Set<String> = []

    /// Opens a package file.
    init(path: String) throws(TalkootError) {
        file = try OpenFile.reading(path)
        guard file.sizeBytes <= PackageLimits.packageBytes else {
            let size = file.sizeBytes
            file.close()
            throw TalkootError(
                .badData, "\(path) has \(size) bytes; a package has at most \(PackageLimits.packageBytes)",
                remedy: "get it again, or ask its author for a smaller one")
        }
        guard let archive = archive_read_new() else {
            file.close()
            throw TalkootError(.internalError, "no memory for reading \(path)")
        }
        self.archive = archive
        archive_read_support_format_tar(archive)
        guard archive_read_open_fd(archive, file.descriptor, 64 << 10) == ARCHIVE_OK else {
            throw fault("is not a package: \(reason)")
        }
    }

    deinit {
        archive_read_free(archive)
        file.close()
    }

    var fileBytes: Int { file.sizeBytes }

    private var reason: String { archive_error_string(archive).map { String(cString: $0) } ?? "it cannot be read" }

    private func fault(_ problem: String) -> TalkootError {
        TalkootError(.badData, "\(file.path) \(problem)", remedy: "get or pack the module again")
    }

    /// The next entry; `nil` after the last.
    func next() throws(TalkootError) -> Entry? {
        var entry: OpaquePointer?
        let status = archive_read_next_header(archive, &entry)
        if status == ARCHIVE_EOF { return nil }
        guard status == ARCHIVE_OK, let entry else { throw fault("is not a package or is damaged: \(reason)") }
        guard let text = archive_entry_pathname(entry) else { throw fault("holds an entry without a name") }
        let name = String(cString: text)
        guard archive_entry_filetype(entry) == S_IFREG, archive_entry_hardlink(entry) == nil, archive_entry_symlink(entry) == nil,
            archive_entry_sparse_count(entry) == 0
        else { throw fault("holds `\(name.prefix(60))`, which is no plain file") }
        guard Self.isAllowed(name) else { throw fault("holds `\(name.prefix(60))`, which no package has") }
        guard names.insert(name).inserted else { throw fault("holds \(name) twice") }
        let size = archive_entry_size(entry)
        guard archive_entry_size_is_set(entry) != 0, size >= 0, size <= Self.limitBytes(of: name) else {
            throw fault("holds \(name) with \(size) bytes; at most \(Self.limitBytes(of: name)) are allowed")
        }
        // Before memory is taken for it.
        guard size <= file.sizeBytes else { throw fault("ends within \(name)") }
        return Entry(name: name, sizeBytes: Int(size))
    }

    /// The bytes of the entry that ``next()`` gave.
    func content(of entry: Entry) throws(TalkootError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: entry.sizeBytes)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                archive_read_data(archive, buffer.baseAddress?.advanced(by: done), buffer.count - done)
            }
            guard count > 0 else { throw fault("ends within \(entry.name)") }
            done += count
        }
        return bytes
    }

    static let manifest = "manifest.json"
    static let signature = "manifest.sig"

    static func libraryName(_ platform: String) -> String { "lib/\(platform)/module.so" }

    /// The platform of `lib/PLATFORM/module.so`; `nil` for any other name.
    static func platform(of name: String) -> String? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        return parts.count == 3 && parts[0] == "lib" && parts[2] == "module.so" && Names.isPlatform(parts[1]) ? parts[1] : nil
    }

    private static func isAllowed(_ name: String) -> Bool { name == manifest || name == signature || platform(of: name) != nil }

    private static func limitBytes(of name: String) -> Int64 {
        switch name {
        case manifest: Int64(PackageLimits.manifestBytes)
        case signature: Int64(PackageLimits.signatureBytes)
        default: Int64(PackageLimits.libraryBytes)
        }
    }
}
