import TalkootCore
import TalkootSandbox

/// What a slot's thread needs from the connection that its job came by. All functions may be called from any thread.
protocol SlotHost: AnyObject, Sendable {
    /// What the slot is to do next.
    func nextTurn(slot: Int) -> WorkSession.Turn
    /// The rest of the running lease; `nil` when the slot is to stop.
    func remaining(slot: Int) -> Range<UInt64>?
    /// Whether results can be sent now.
    func hasRoom(slot: Int) -> Bool
    /// Sends finished units.
    ///
    /// - Returns: whether the job is still there.
    func commit(slot: Int, lease: UInt64, _ run: FinishedRun) -> Bool
    /// The next input of a lease.
    func pull(_ purpose: FetchTable.Purpose, held: UInt64) -> Inflow.Pull
    /// The running lease ended; `leftover` is what the unit left behind that was stopped.
    func ended(slot: Int, reason: String?, leftover: (unit: UInt64, bytes: [UInt8])?)
    /// Whether the agent was suspended since then.
    func wasSuspended(since start: Tick) -> Bool
    /// The job cannot go on here.
    func failed(_ admission: Governor.Admission, _ error: TalkootError)
}
