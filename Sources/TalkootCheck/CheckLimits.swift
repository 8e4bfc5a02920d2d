/// The bounds of a check.
enum CheckLimits {
    /// A unit of a sample, in seconds: a sample is small.
    static let unitSeconds = 60.0
    /// A unit with changed input or parameters, in seconds; longer is no fault.
    static let mutationSeconds = 2.0
    /// Samples that are run under changed conditions.
    static let samples = 4
    /// Units of a job under changed conditions.
    static let units: UInt64 = 8
    /// Units of the smallest size that is tried.
    static let manyUnits: UInt64 = 48
    /// Runs under the same conditions.
    static let repeats = 4
    /// Ways to group results for merging.
    static let groupings = 8
    /// Changed inputs, parameters and results, each.
    static let mutations = 16
    /// Processor time after which the cost curve grows no further, in seconds.
    static let costSeconds = 0.2
    /// The clock's change, in seconds: 400 days, 5 hours, 17 minutes and 3 seconds.
    static let clockSeconds = 34_579_023
}
