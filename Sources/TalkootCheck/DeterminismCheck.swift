import TalkootCore
import TalkootSandbox

/// Runs jobs under changed conditions, one change at a time, and says which of them the results depend on.
struct DeterminismCheck {
    let subject: CheckSubject
    let plain: LibraryImage
    let conditions: Conditions

    /// What was seen over all jobs.
    private(set) var findings: [CheckReport.Finding] = []
    /// Whether every run of every job gave the same.
    private(set) var isExact = true

    init(subject: CheckSubject, plain: LibraryImage, conditions: Conditions) {
        (self.subject, self.plain, self.conditions) = (subject, plain, conditions)
    }

    private typealias Finding = CheckReport.Finding

    private func trial(_ condition: Condition, _ library: LibraryImage? = nil) throws(TalkootError) -> Trial {
        Trial(launcher: try conditions.launcher(condition), library: library ?? plain, manifest: subject.manifest)
    }

    /// About eight units a job.
    private func plan(_ items: UInt64) -> Trial.Plan {
        Trial.Plan(itemsPerUnit: max(1, (items + CheckLimits.units - 1) / CheckLimits.units))
    }

    /// Looks at all jobs; a kind of change fails with the first job that shows it.
    mutating func run(_ jobs: [TrialJob]) throws(TalkootError) {
        var references: [(job: TrialJob, outcome: Trial.Outcome)] = []
        for job in jobs { references.append((job, try trial(.reference).run(job, plan))) }
        let isRepeatable = try repeats(references)
        // What changes by itself says nothing about conditions.
        guard isRepeatable else { return }
        try memory(references)
        try clock(references)
        try change(.addresses, "addresses", references, "the same at other addresses", Self.addressCause, Self.addressRemedy)
        try change(
            .locale, "locale", references, "the same in another language and time zone", "they depend on the language or the time zone",
            "do not call setlocale, tzset or localtime")
        try levels(references)
        try order(references)
    }

    private static let addressCause = "they depend on addresses: a pointer is printed, hashed or sorted by"
    private static let addressRemedy = "use indices, or what the pointer points to"

    /// The same job again, in new cells under the same conditions.
    private mutating func repeats(_ references: [(job: TrialJob, outcome: Trial.Outcome)]) throws(TalkootError) -> Bool {
        for (job, reference) in references {
            for _ in 0..<CheckLimits.repeats {
                let again = try trial(.reference).run(job, plan)
                guard !again.isSame(as: reference) else { continue }
                let calls = ClockShim.calls(in: reference.log + again.log)
                fail("repeat", job, reference, again, Self.cause(calls), Self.remedy(calls))
                return false
            }
        }
        pass("repeat", "the same in \(CheckLimits.repeats) repetitions")
        return true
    }

    /// What makes a module give another result under equal conditions, from the calls that it made.
    static func cause(_ calls: [String]) -> String {
        var causes: [String] = []
        let clocks = calls.filter { ["time", "clock_gettime", "gettimeofday", "clock"].contains($0) }
        let random = calls.filter { ["getrandom", "getentropy"].contains($0) }
        if !clocks.isEmpty { causes.append("on time: the module calls \(clocks.joined(separator: ", "))") }
        if !random.isEmpty { causes.append("on random numbers of the system: the module calls \(random.joined(separator: ", "))") }
        if calls.contains("pthread_create") { causes.append("on the order in which its threads run") }
        if causes.isEmpty {
            return "they depend on something that no call shows: the processor's time stamp, or memory that was never written"
        }
        return "they depend " + causes.joined(separator: ", or ")
    }

    private static func remedy(_ calls: [String]) -> String {
        if calls.contains("pthread_create"), calls.count == 1 {
            return "give each thread its own place in the result and join before writing"
        }
        return "use the unit's seed for random numbers, and no clock"
    }

    /// Fresh memory that holds something else, on the heap and in variables.
    private mutating func memory(_ references: [(job: TrialJob, outcome: Trial.Outcome)]) throws(TalkootError) {
        let filled: LibraryImage? = if let bytes = subject.filled { try LibraryImage(bytes: bytes) } else { nil }
        for (job, reference) in references {
            let heap = try trial(.memory).run(job, plan)
            if !heap.isSame(as: reference) {
                return fail(
                    "memory", job, reference, heap, "they depend on uninitialised memory from malloc or new",
                    "set it before reading it, or use calloc")
            }
            guard let filled else { continue }
            let stack = try trial(.reference, filled).run(job, plan)
            if !stack.isSame(as: reference) {
                return fail(
                    "memory", job, reference, stack, "they depend on an uninitialised variable or on padding in a struct",
                    "give every variable a value, and write fields rather than whole structs; -Wall -Wextra and valgrind help")
            }
        }
        let variables =
            filled == nil ? "; variables were not looked at, which needs C or C++ sources" : " and other values of unset variables"
        pass("memory", "the same with other contents of fresh memory\(variables)")
    }

    private mutating func clock(_ references: [(job: TrialJob, outcome: Trial.Outcome)]) throws(TalkootError) {
        guard conditions.shim != nil else {
            return findings.append(Finding("clock", .skipped, "there is no C compiler here to make the other clock with"))
        }
        for (job, reference) in references {
            let outcome = try trial(.clock).run(job, plan)
            guard !outcome.isSame(as: reference) else { continue }
            let calls = ClockShim.calls(in: outcome.log).filter { $0 != "pthread_create" }
            return fail(
                "clock", job, reference, outcome, "they depend on the date: the module calls \(calls.joined(separator: ", "))",
                "take what it needs as a parameter")
        }
        pass("clock", "the same on another day")
    }

    private mutating func change(
        _ condition: Condition, _ name: String, _ references: [(job: TrialJob, outcome: Trial.Outcome)], _ good: String, _ cause: String,
        _ remedy: String
    ) throws(TalkootError) {
        for (job, reference) in references {
            let outcome = try trial(condition).run(job, plan)
            if !outcome.isSame(as: reference) { return fail(name, job, reference, outcome, cause, remedy) }
        }
        pass(name, good)
    }

    private mutating func levels(_ references: [(job: TrialJob, outcome: Trial.Outcome)]) throws(TalkootError) {
        guard subject.libraries.count > 1 else {
            return findings.append(Finding("processor", .skipped, "only one library runs on this machine"))
        }
        for library in subject.libraries.dropFirst() {
            let image = try LibraryImage(bytes: library.bytes)
            for (job, reference) in references {
                let outcome = try trial(.reference, image).run(job, plan)
                if !outcome.isSame(as: reference) {
                    return fail(
                        "processor", job, reference, outcome,
                        "\(library.platform) gives others than \(subject.libraries[0].platform)",
                        "compile without -ffast-math, keep -ffp-contract=off, and sum floating point in one order")
                }
            }
        }
        pass("processor", "the same on \(subject.libraries.map(\.platform).joined(separator: ", "))")
    }

    /// The units in the opposite order, in one cell.
    private mutating func order(_ references: [(job: TrialJob, outcome: Trial.Outcome)]) throws(TalkootError) {
        for (job, reference) in references {
            let outcome = try trial(.reference).run(job) { items in
                var plan = plan(items)
                plan.isReversed = true
                return plan
            }
            guard !outcome.isSame(as: reference) else { continue }
            return fail(
                "order", job, reference, outcome, "they depend on which units ran before in the same process",
                "keep nothing in global variables between units, or set `isolation: unit`")
        }
        pass("order", "the same when units run in the opposite order")
    }

    /// Why two runs do not agree by the module's own `equal`; nil when they do.
    private func disagreement(_ job: TrialJob, _ reference: Trial.Outcome, _ outcome: Trial.Outcome) -> String? {
        if reference.complaint != outcome.complaint { return "one of them failed" }
        do throws(TalkootError) {
            let judge = try trial(.reference).owner(job)
            defer { judge.close() }
            for (unit, (left, right)) in zip(reference.results, outcome.results).enumerated() where left != right {
                switch judge.equal(left, right) {
                case .value(true): continue
                case .value(false): return "`equal` says no to unit \(unit)"
                case .failure(let outcome): return "`equal` \(outcome.summary) for unit \(unit)"
                }
            }
            return nil
        } catch {
            return "`equal` could not be asked: \(error.message)"
        }
    }

    private mutating func pass(_ name: String, _ detail: String) { findings.append(Finding(name, .passed, detail)) }

    private mutating func fail(
        _ name: String, _ job: TrialJob, _ reference: Trial.Outcome, _ outcome: Trial.Outcome, _ cause: String, _ remedy: String
    ) {
        isExact = false
        let place = Difference.place(reference, outcome)
        let detail = "the results of \(job.name) differ (\(place)): \(cause)"
        if subject.manifest.determinism == .tolerance {
            if let complaint = disagreement(job, reference, outcome) {
                return findings.append(
                    Finding(name, .failed, "\(detail), and \(complaint)", remedy: "\(remedy), or let `equal` accept what differs honestly"))
            }
            return findings.append(Finding(name, .passed, "\(detail); `equal` accepts it"))
        }
        // A module that says so is right about itself.
        if subject.manifest.determinism == .exact {
            findings.append(Finding(name, .failed, detail, remedy: "\(remedy), or declare `determinism: tolerance` or `none`"))
        } else {
            findings.append(Finding(name, .passed, "\(detail); the manifest declares \(subject.manifest.determinism.rawValue)"))
        }
    }
}

/// Where two outcomes part.
enum Difference {
    /// In words: `unit 3, byte 8`.
    static func place(_ left: Trial.Outcome, _ right: Trial.Outcome) -> String {
        if left.complaint != right.complaint { return "\(left.complaint ?? "it was done") and \(right.complaint ?? "it was done")" }
        for unit in 0..<min(left.results.count, right.results.count) where left.results[unit] != right.results[unit] {
            return "unit \(unit), \(byte(left.results[unit], right.results[unit]))"
        }
        return "the output, \(byte(left.output, right.output))"
    }

    /// In words: `byte 8`, or the two lengths.
    static func byte(_ left: [UInt8], _ right: [UInt8]) -> String {
        guard let place = zip(left, right).enumerated().first(where: { $1.0 != $1.1 })?.offset else {
            return "\(left.count) and \(right.count) bytes long"
        }
        return "byte \(place)"
    }
}
