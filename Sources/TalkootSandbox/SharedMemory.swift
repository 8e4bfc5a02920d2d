import CTalkootSystem
import Glibc
import Synchronization
import TalkootCore

/// Memory that this process and a cell both see, of a size that neither can change. Pages cost nothing until they are touched.
final class SharedMemory: Sendable {
    let sizeBytes: UInt64
    let file: Descriptor
    /// Where it is mapped here; a number, because a pointer cannot be shared between threads.
    let address: UInt
    private let use = Mutex(MemoryUse())

    /// - Throws: ``TalkootError`` `cannotCreate` when the system has no memory file or no address space left.
    init(name: String, sizeBytes: UInt64) throws(TalkootError) {
        let number = talkoot_memory_create(name, sizeBytes)
        guard number >= 0 else { throw Self.fault(-number) }
        let file = Descriptor(number)
        let start = mmap(nil, Int(sizeBytes), PROT_READ | PROT_WRITE, MAP_SHARED, number, 0)
        guard let start, start != MAP_FAILED else { throw Self.fault(errno) }
        self.file = file
        self.sizeBytes = sizeBytes
        address = UInt(bitPattern: start)
    }

    deinit { munmap(UnsafeMutableRawPointer(bitPattern: address), Int(sizeBytes)) }

    /// A second descriptor that can be mapped for reading only.
    func reopenReadOnly() throws(TalkootError) -> Descriptor {
        let number = talkoot_memory_reopen(file.number)
        guard number >= 0 else { throw Self.fault(-number) }
        return Descriptor(number)
    }

    /// Puts bytes at a place; the caller has checked that they fit.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) {
        precondition(offset + UInt64(bytes.count) <= sizeBytes, "a write stays inside the shared memory")
        guard let source = bytes.baseAddress, bytes.count > 0, let target = UnsafeMutableRawPointer(bitPattern: address + UInt(offset))
        else { return }
        talkoot_memory_write(target, source, bytes.count)
    }

    /// Copies bytes out, once: the other side may change them at any time.
    func copy(from offset: UInt64, to destination: UnsafeMutableRawBufferPointer) {
        precondition(offset + UInt64(destination.count) <= sizeBytes, "a read stays inside the shared memory")
        guard let target = destination.baseAddress, destination.count > 0, let source = UnsafeRawPointer(bitPattern: address + UInt(offset))
        else { return }
        memcpy(target, source, destination.count)
    }

    /// Copies a run of bytes out.
    func bytes(from offset: UInt64, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            copy(from: offset, to: UnsafeMutableRawBufferPointer(buffer))
            initialized = count
        }
    }

    /// Takes note of how much an exchange used, and gives back what the last ones did not need.
    func trim(usedBytes: UInt64) {
        guard let kept = use.withLock({ $0.note(usedBytes) }), kept < sizeBytes else { return }
        _ = talkoot_memory_release(file.number, kept, sizeBytes - kept)
    }

    /// Makes everything read as zeros.
    func clear() { talkoot_memory_clear(file.number, UnsafeMutableRawPointer(bitPattern: address), sizeBytes) }

    private static func fault(_ error: Int32) -> TalkootError {
        TalkootError(
            .cannotCreate, "memory for a cell cannot be made: \(SystemMessage.text(error))", remedy: "free some memory or descriptors")
    }
}
