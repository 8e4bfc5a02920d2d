import TalkootCore
import TalkootStore

/// The body of `submit`: a job as its requester wants it.
struct SubmitOrder: Codable, Sendable {
    /// The id, chosen by the requester: who submits again after a lost answer gets the same job.
    var job: JobID
    /// The module, and the size of its package in case the coordinator has to fetch it.
    var module: Digest
    var packageBytes: UInt64
    /// The parameters as they were written, `limit=1e9`.
    var parameters: [String: String]
    /// The size of an input that is fetched from the requester; or its path, when both have the same home.
    var inputBytes: UInt64?
    var inputPath: String?
    /// Where the output goes, when both have the same home.
    var outputPath: String?
    var itemsPerUnit: UInt64?
    /// `none`, `audit`, `strict` or `triple`.
    var verify: String
    /// `local` or a tracker's address; absent for what the coordinator is set to.
    var on: String?
    var volunteers: Int?
    var minimumLevel: Int?
    var priority: Int
    /// When it must be finished, in seconds from now.
    var deadlineSeconds: Double?
}

/// The answer to `submit`, once the job is durable.
struct SubmitAnswer: Codable, Sendable {
    var job: JobID
    var items: UInt64
    var units: UInt64
    var itemsPerUnit: UInt64
    var on: String
}

/// The body of `job`, `cancel`, `resume` and `explain`: the job as a person names it.
struct JobOrder: Codable, Sendable {
    var job: String
    /// A unit or a volunteer, for `explain`.
    var unit: UInt64?
    var volunteer: String?
    /// For `resume`.
    var priority: Int?
    var deadlineSeconds: Double?
}

/// The body of `result`.
struct ResultOrder: Codable, Sendable {
    var job: String
    var offset: UInt64
    var isPartial: Bool
}

/// The answer to `cancel` and `resume`.
struct StateAnswer: Codable, Sendable {
    var job: JobID
    var state: String
}
