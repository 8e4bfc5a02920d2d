/// What is written to a journal, in order.
public enum JournalChange: Sendable {
    /// Results of a run of units, or a failure.
    case commit(JournalCommit)
    /// The results of these units are not to be believed: they are forgotten, and others may be written for them.
    case void([Range<UInt64>])
    /// A volunteer gave a wrong result: it goes into the job's record.
    case convict(JobVerification.Conviction)

    /// How many bytes of results it holds.
    var byteCount: Int { if case .commit(let commit) = self { commit.bytes.count } else { 0 } }
}
