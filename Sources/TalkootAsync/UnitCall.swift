import Synchronization

/// What a host called `run` with, for the task that computes the unit.
struct UnitCall {
    let host: Host
    let unit: Unit
    let output: Output

    /// Runs the unit's task, and all that it starts, on this thread.
    ///
    /// - Throws: ``Failure`` that `run` threw, or when no task is left that could go on.
    func perform(_ run: @escaping Module.AsyncRun) throws(Failure) {
        let ending = Ending()
        // The host's pointers are good until this function returns, and so is the place where they are kept: an address says so little
        // that it may pass into a task.
        let place = UnsafeMutablePointer<UnitCall>.allocate(capacity: 1)
        place.initialize(to: self)
        let address = UInt(bitPattern: place)
        CallingThread.drain {
            guard let call = UnsafePointer<UnitCall>(bitPattern: address)?.pointee else { return }
            do throws(Failure) {
                try await run(call.host, call.unit, call.output)
                ending.set(nil)
            } catch {
                ending.set(error)
            }
        }
        // A task that never went on may still look at the place; it stays.
        guard ending.isSet else { throw Failure("it waits for what none of its tasks will do") }
        place.deinitialize(count: 1)
        place.deallocate()
        if let failure = ending.failure { throw failure }
    }
}

/// How a task ended. Written once by the task, read by the same thread when it has drained.
private final class Ending: Sendable {
    private final class Kept: Sendable {
        let failure: Failure

        init(_ failure: Failure) { self.failure = failure }
    }

    /// 0 before the end, 1 for a good one, else the address of what is kept of a failure.
    private let word = Atomic<UInt>(0)

    deinit {
        if let kept = UnsafeRawPointer(bitPattern: word.load(ordering: .acquiring)), word.load(ordering: .acquiring) > 1 {
            Unmanaged<Kept>.fromOpaque(kept).release()
        }
    }

    var isSet: Bool { word.load(ordering: .acquiring) != 0 }

    var failure: Failure? {
        let value = word.load(ordering: .acquiring)
        guard value > 1, let kept = UnsafeRawPointer(bitPattern: value) else { return nil }
        return Unmanaged<Kept>.fromOpaque(kept).takeUnretainedValue().failure
    }

    func set(_ failure: Failure?) {
        let value = failure.map { UInt(bitPattern: Unmanaged.passRetained(Kept($0)).toOpaque()) } ?? 1
        word.store(value, ordering: .releasing)
    }
}
