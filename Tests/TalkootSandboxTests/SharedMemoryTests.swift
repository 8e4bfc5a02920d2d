import Glibc
import Testing

@testable import TalkootSandbox

@Suite("Memory that an agent and a cell share")
struct SharedMemoryTests {
    private static let sizeBytes: UInt64 = 8 << 20
    private static let pageBytes: UInt64 = 4096

    private func fill(_ memory: SharedMemory, at offset: UInt64, count: UInt64) {
        let bytes = [UInt8](repeating: 0xa5, count: Int(count))
        bytes.withUnsafeBytes { memory.write($0, at: offset) }
    }

    private func isZero(_ memory: SharedMemory) -> Bool {
        memory.bytes(from: 0, count: Int(memory.sizeBytes)).allSatisfy { $0 == 0 }
    }

    @Test(
        "Cleared, it reads as zeros, however much was written and wherever",
        arguments: [
            [], [(0, 1)], [(sizeBytes - 1, 1)], [(pageBytes - 1, 2), (sizeBytes - pageBytes, pageBytes)],
            [(0, 16 * pageBytes)], [(0, 16 * pageBytes + 1)], [(0, pageBytes), (1 << 20, 16 * pageBytes), (sizeBytes / 2, 3)],
            [(0, sizeBytes)],
        ] as [[(UInt64, UInt64)]])
    func cleared(parts: [(UInt64, UInt64)]) throws {
        let memory = try SharedMemory(name: "test", sizeBytes: Self.sizeBytes)
        for _ in 0..<2 {
            for (offset, count) in parts { fill(memory, at: offset, count: count) }
            #expect(isZero(memory) == parts.isEmpty)
            memory.clear()
            #expect(isZero(memory))
        }
    }

    @Test("What is large arrives whole, wherever it starts and ends", arguments: zip([0, 1, 15] as [UInt64], [64, 63, 1]))
    func large(offset: UInt64, rest: Int) throws {
        let memory = try SharedMemory(name: "test", sizeBytes: Self.sizeBytes)
        let count = (4 << 20) + rest
        let bytes: [UInt8] = (0..<count).map { (index: Int) -> UInt8 in UInt8(truncatingIfNeeded: (index &* 31) >> 3) }
        bytes.withUnsafeBytes { memory.write($0, at: offset) }
        #expect(memory.bytes(from: offset, count: bytes.count) == bytes)
        #expect(memory.bytes(from: offset + UInt64(bytes.count), count: 64).allSatisfy { $0 == 0 })
    }

    @Test("A descriptor that was opened before sees the zeros")
    func seenByOthers() throws {
        let memory = try SharedMemory(name: "test", sizeBytes: Self.sizeBytes)
        let other = try memory.reopenReadOnly()
        fill(memory, at: 5 * Self.pageBytes, count: 3)
        memory.clear()
        var bytes = [UInt8](repeating: 1, count: Int(6 * Self.pageBytes))
        #expect(pread(other.number, &bytes, bytes.count, 0) == bytes.count)
        #expect(bytes.allSatisfy { $0 == 0 })
    }
}
