/// Which of the process's cells belong to a job: two cells that are alive at a time have different numbers.
///
/// A process that works on one job uses seat 0. The local slots of seat *s* are numbered from 512 *s*; the few cells of its own lie at
/// the upper end of the 4336 numbers.
public struct JobSeat: Hashable, Sendable {
    /// How many jobs one process can work on.
    public static let count = 8
    /// For planning, measuring and partial results beside the jobs.
    public static let aside = JobSeat(count)
    /// The most local slots of a job.
    public static let localSlots = 512

    private let number: Int

    /// The seat of this number, 0 ..< ``count``.
    public init(_ number: Int = 0) {
        precondition((0...Self.count).contains(number), "a seat lies in 0 ..< \(Self.count)")
        self.number = number
    }

    /// The number of the first local slot.
    var firstLocalSlot: Int { number * Self.localSlots }
    /// The cell that plans, merges and finishes.
    var ownCell: Int { 4335 - 3 * number }
    /// The cell that checks volunteers' results.
    var arbiter: Int { 4334 - 3 * number }
    /// The cell that compares results where the module has an `equal`.
    var comparer: Int { 4333 - 3 * number }
}
