import CArchive
import TalkootCore

/// Writes a package: the same entries give the same bytes, on any machine at any time.
enum ArchiveWriter {
    /// The tar file of these entries, in this order.
    static func bytes(of entries: [(name: String, content: [UInt8])]) throws(TalkootError) -> [UInt8] {
        guard let archive = archive_write_new() else { throw TalkootError(.internalError, "no memory for a package") }
        defer { archive_write_free(archive) }
        let capacity = entries.reduce(4096) { $0 + $1.content.count + 2048 }
        var bytes = [UInt8](repeating: 0, count: capacity)
        var used = 0
        let isWritten = bytes.withUnsafeMutableBytes { buffer in
            archive_write_set_format_ustar(archive)
            archive_write_set_bytes_in_last_block(archive, 512)
            guard archive_write_open_memory(archive, buffer.baseAddress, buffer.count, &used) == ARCHIVE_OK else { return false }
            return entries.allSatisfy { write($0.name, $0.content, to: archive) } && archive_write_close(archive) == ARCHIVE_OK
        }
        guard isWritten else {
            let reason = archive_error_string(archive).map { String(cString: $0) } ?? "unknown"
            throw TalkootError(.internalError, "the package cannot be written: \(reason)")
        }
        return Array(bytes[..<used])
    }

    private static func write(_ name: String, _ content: [UInt8], to archive: OpaquePointer) -> Bool {
        guard let entry = archive_entry_new() else { return false }
        defer { archive_entry_free(entry) }
        archive_entry_set_pathname(entry, name)
        archive_entry_set_filetype(entry, UInt32(S_IFREG))
        archive_entry_set_perm(entry, 0o644)
        archive_entry_set_size(entry, Int64(content.count))
        archive_entry_set_mtime(entry, 0, 0)
        archive_entry_set_uid(entry, 0)
        archive_entry_set_gid(entry, 0)
        guard archive_write_header(archive, entry) == ARCHIVE_OK else { return false }
        var done = 0
        while done < content.count {
            let count = content.withUnsafeBytes { archive_write_data(archive, $0.baseAddress?.advanced(by: done), content.count - done) }
            if count <= 0 { return false }
            done += count
        }
        return true
    }
}
