import CTalkootSystem
import Glibc
import TalkootCore

/// The thread that starts all cells. Cells die when it ends, so it lives as long as anyone holds it.
final class Spawner: Sendable {
    private let address: UInt

    /// - Throws: ``TalkootError`` `cannotCreate` when the system has no thread left.
    init() throws(TalkootError) {
        guard let spawner = talkoot_spawner_create() else {
            throw TalkootError(
                .cannotCreate, "the thread that starts cells cannot be made: \(SystemMessage.text(errno))",
                remedy: "raise the limit of processes")
        }
        address = UInt(bitPattern: spawner)
    }

    deinit { talkoot_spawner_free(OpaquePointer(bitPattern: address)) }

    /// Starts the executable with these descriptors as 0, 1, 2, ...; returns when it runs or has failed. 1 to 2 ms with namespaces.
    func start(path: String, descriptors: [Int32], layers: LayerSet) -> talkoot_spawned {
        precondition(descriptors.count == Int(TALKOOT_FD_COUNT), "a cell starts with seven descriptors")
        return path.withCString { path in
            var spawn = talkoot_spawn()
            spawn.path = path
            spawn.layers = layers.rawValue
            spawn.stack_bytes = CellConfiguration.stackBytes
            withUnsafeMutableBytes(of: &spawn.descriptors) { place in descriptors.withUnsafeBytes { place.copyMemory(from: $0) } }
            return talkoot_spawner_start(OpaquePointer(bitPattern: address), &spawn)
        }
    }
}
