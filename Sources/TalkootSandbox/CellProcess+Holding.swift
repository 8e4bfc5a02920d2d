import CTalkootSystem
import Glibc
import Synchronization

extension CellProcess {
    /// Whether the kernel bounds its processor time.
    var hasQuota: Bool { isInGroups && lease?.group.hasQuota == true }

    /// How much longer than its limit of wall-clock time a call may take: a bound on processor time makes it slower. Holding does not
    /// count here, since the watchdog's clock stands still meanwhile.
    var wallStretch: Double { hasQuota ? 1 / (common?.processorShare ?? 1) : 1 }

    /// Processor time so far, in seconds, of a template with that of the units which have ended; negative when it is gone.
    var processorSeconds: Double {
        let own = talkoot_processor_seconds(process)
        return own < 0 ? own : own + unitsProcessorSeconds.withLock { $0 }
    }

    /// For how long it was held up to now, in seconds.
    var heldSeconds: Double { Double(holding.withLock { $0.held(at: talkoot_now()) }) * 1e-9 }

    /// Stops it within a millisecond or so, until the reason is gone; held for several reasons it waits for all of them.
    ///
    /// The owner's pause freezes its control group where there is one of version 2. In version 1 a frozen process cannot be
    /// killed, not even by its parent's death: there, and without groups, it is stopped by SIGSTOP, which nothing can block.
    func hold(_ reason: HoldClock.Reason) {
        holding.withLock { clock in
            guard !clock.isHeld(for: reason) else { return }
            let wasStopped = isStopped(clock)
            clock.hold(reason, at: talkoot_now())
            if isFrozen(by: reason), lease?.group.freeze(.frozen) == true { return }
            if !wasStopped { send(SIGSTOP) }
        }
    }

    /// The reason is gone.
    func release(_ reason: HoldClock.Reason) {
        holding.withLock { clock in
            guard clock.isHeld(for: reason) else { return }
            clock.release(reason, at: talkoot_now())
            if isFrozen(by: reason) { lease?.group.freeze(.thawed) }
            if !isStopped(clock) { send(SIGCONT) }
        }
    }

    /// Sends a signal, of a template also to its unit's process: both are the process group that the template leads.
    private func send(_ signal: Int32) {
        guard talkoot_signal(pidfd.number, signal) == 0, isTemplate else { return }
        _ = Glibc.kill(-process, signal)
    }

    private func isFrozen(by reason: HoldClock.Reason) -> Bool { reason == .owner && isInGroups && lease?.group.canFreeze == true }

    /// Whether a reason stops it that is not the freezer's.
    private func isStopped(_ clock: HoldClock) -> Bool {
        clock.isHeld(for: .share) || clock.isHeld(for: .owner) && !isFrozen(by: .owner)
    }
}
