import CTalkootSystem
import Glibc
import TalkootCore

/// A thread that shares out processor time by stopping cells and letting them go on, where the kernel does not bound it.
/// It sleeps while there is no cell.
final class DutyCycle: Sendable {
    /// What the thread holds: not the duty cycle itself, whose end is the thread's.
    private final class Task: Sendable {
        let registry: CellRegistry
        let bell: Descriptor

        init(registry: CellRegistry, bell: consuming Descriptor) {
            self.registry = registry
            self.bell = bell
        }

        func run() {
            var isBusy = false
            while true {
                var entry = pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0)
                let ready = poll(&entry, 1, isBusy ? Int32(ProcessorBudget.tickSeconds * 1000) : -1)
                if ready > 0 {
                    var byte: UInt8 = 0
                    guard read(bell.number, &byte, 1) > 0 else { return }
                }
                isBusy = registry.share()
            }
        }
    }

    private let bell: Descriptor

    /// Starts the thread; it watches the registry's cells that have a budget.
    ///
    /// - Throws: ``TalkootError`` `cannotCreate` when there is no thread or descriptor left.
    init(registry: CellRegistry) throws(TalkootError) {
        var ends: [Int32] = [-1, -1]
        let piped = talkoot_log_pipe(&ends, 4096)
        guard piped == 0 else { throw Self.fault(-piped) }
        bell = Descriptor(ends[1])
        let task = Unmanaged.passRetained(Task(registry: registry, bell: Descriptor(ends[0])))
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Task>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, task.toOpaque())
        guard error == 0 else {
            task.release()
            throw Self.fault(error)
        }
        pthread_detach(thread)
    }

    /// There is a new cell to watch.
    func wake() {
        var byte: UInt8 = 1
        _ = write(bell.number, &byte, 1)
    }

    private static func fault(_ error: Int32) -> TalkootError {
        TalkootError(
            .cannotCreate, "the thread that shares out processor time cannot be made: \(SystemMessage.text(error))",
            remedy: "raise the limits of processes and open files")
    }
}
