import TalkootCore
import TalkootProtocol
import Testing

@testable import TalkootCoordinator
@testable import TalkootScheduling

@Suite("Checkpoints at the coordinator")
struct CheckpointTests {
    private let ann = OwnerID(rawValue: 1)
    private let bob = OwnerID(rawValue: 2)

    @Test("A checkpoint is given away once, the newest of its unit")
    func newest() {
        var shelf = CheckpointShelf()
        shelf.put([1], of: 7, by: ann)
        shelf.put([2, 3], of: 7, by: bob)
        #expect(shelf.count == 1)
        #expect(shelf.byteCount == 2)
        #expect(shelf.take(7)?.bytes == [2, 3])
        #expect(shelf.take(7) == nil)
        #expect(shelf.byteCount == 0)
    }

    @Test("However many come, the shelf stays within its bounds, and the oldest go first")
    func bounds() {
        var shelf = CheckpointShelf()
        for unit in 0..<5_000 as Range<UInt64> { shelf.put([1, 2, 3], of: unit, by: ann) }
        #expect(shelf.count == CoordinatorLimits.checkpoints)
        #expect(shelf.take(0) == nil)
        #expect(shelf.take(4_999) != nil)
        for unit in 0..<80 as Range<UInt64> { shelf.put([UInt8](repeating: 0, count: 1 << 20), of: unit, by: ann) }
        #expect(shelf.byteCount <= CoordinatorLimits.checkpointBytes)
    }

    @Test("What a convicted owner gave is forgotten")
    func convicted() {
        var shelf = CheckpointShelf()
        shelf.put([1], of: 1, by: ann)
        shelf.put([2], of: 2, by: bob)
        shelf.remove(of: ann)
        #expect(shelf.take(1) == nil)
        #expect(shelf.take(2)?.owner == bob)
    }

    @Test("A check begins anew; who goes on with somebody else's unit is taken note of")
    func checks() {
        var policy = SchedulingPolicy()
        policy.verification = VerificationPolicy(.audit, seed: AuditSeed(1, 2))
        var state = DispatcherState(units: 10, finished: [], policy: policy, priorUnitSeconds: nil)
        state.checkpoints.put([1], of: 3, by: ann)
        let (id, host) = (LeaseID(rawValue: 1), HostID(rawValue: 1))
        #expect(state.takeCheckpoint(for: Lease(id: id, host: host, units: 3..<5, isCheck: true), by: bob) == nil)
        #expect(state.takeCheckpoint(for: Lease(id: id, host: host, units: 2..<5, isCheck: false), by: bob) == nil)
        #expect(state.takeCheckpoint(for: Lease(id: id, host: host, units: 3..<5, isCheck: false), by: bob) == [1])
    }
}
