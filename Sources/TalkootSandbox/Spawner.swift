import CTalkootSystem
import Glibc
import TalkootCore

/// The thread that is the parent of all cells, and the zygote that they are copies of. Cells die when it ends, so it lives as long as
/// anyone holds it.
final class Spawner: Sendable {
    private let address: UInt

    /// - Throws: ``TalkootError`` `cannotCreate` when the system has no thread left.
    init(path: String, surroundings: CellSurroundings = CellSurroundings()) throws(TalkootError) {
        let texts: [UnsafeMutablePointer<CChar>?] = surroundings.variables.sorted { $0.key < $1.key }.map {
            strdup("\($0.key)=\($0.value)")
        }
        defer { texts.forEach { free($0) } }
        let pointers = texts.map { UnsafePointer($0) } + [nil]
        guard let spawner = talkoot_spawner_create(path, CellConfiguration.stackBytes, pointers, surroundings.areAddressesFixed) else {
            throw TalkootError(
                .cannotCreate, "the thread that starts cells cannot be made: \(SystemMessage.text(errno))",
                remedy: "raise the limit of processes")
        }
        address = UInt(bitPattern: spawner)
    }

    deinit { talkoot_spawner_free(OpaquePointer(bitPattern: address)) }

    /// The process id of the zygote; -1 when there is none at the moment.
    var zygote: pid_t { talkoot_spawner_zygote(OpaquePointer(bitPattern: address)) }

    /// Starts a cell with these descriptors as 0, 1, 2, ...; returns when there is a process or it has failed. Under 1 ms with namespaces.
    ///
    /// In control groups when it is given some: `is_outside` of the answer tells when one of them refused it.
    func start(descriptors: [Int32], layers: LayerSet, preload: UInt32, lease: CellGroupLease? = nil) -> talkoot_spawned {
        precondition(descriptors.count == Int(TALKOOT_FD_COUNT), "a cell starts with all its descriptors")
        var spawn = talkoot_spawn()
        spawn.layers = layers.rawValue
        spawn.preload = preload
        spawn.group = lease?.group.unified.number ?? -1
        spawn.legacy = UInt32(lease?.group.legacy.count ?? 0)
        Self.fill(&spawn.legacy_groups, lease?.group.legacy ?? [])
        Self.fill(&spawn.legacy_homes, lease?.groups.homes ?? [])
        withUnsafeMutableBytes(of: &spawn.descriptors) { place in descriptors.withUnsafeBytes { place.copyMemory(from: $0) } }
        return talkoot_spawner_start(OpaquePointer(bitPattern: address), &spawn)
    }

    private static func fill(_ field: inout (Int32, Int32, Int32), _ places: [LegacyPlace]) {
        let numbers = places.map { $0.tasks.number } + [-1, -1, -1]
        field = (numbers[0], numbers[1], numbers[2])
    }
}
