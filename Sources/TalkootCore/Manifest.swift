/// What a module is, takes, gives and needs: the content of `manifest.json`, whose SHA-256 is the module's identity.
public struct Manifest: Hashable, Sendable, Codable {
    /// What comes out of `finish`.
    public struct Output: Hashable, Sendable, Codable {
        /// The file name that is used when the requester names none.
        public var name: String
        /// The media type, after RFC 6838.
        public var mediaType: String

        /// Describes an output.
        public init(name: String, mediaType: String) {
            self.name = name
            self.mediaType = mediaType
        }

        /// Whether it is text that belongs on a terminal.
        public var isText: Bool { mediaType.hasPrefix("text/") }

        private enum CodingKeys: String, CodingKey { case name, mediaType = "media-type" }
    }

    /// What a cell of this module needs.
    public struct Resources: Hashable, Sendable, Codable {
        /// Private writable memory, in bytes.
        public var memoryBytes: UInt64
        /// Threads, the first one included.
        public var threads: Int

        /// Describes needs.
        public init(memoryBytes: UInt64 = 64 << 20, threads: Int = 1) {
            self.memoryBytes = memoryBytes
            self.threads = threads
        }

        private enum CodingKeys: String, CodingKey { case memoryBytes = "memory", threads }
    }

    /// How two honest results of the same unit may differ.
    public enum Determinism: String, Sendable, Codable {
        /// Not at all.
        case exact
        /// As far as the module's `equal` allows.
        case tolerance
        /// Freely: only pairing on one machine can verify.
        case none
    }

    /// A job with a known output: a test for the author and a known answer for the coordinator.
    public struct Sample: Hashable, Sendable, Codable {
        /// The parameters, by name; the others take their defaults.
        public var parameters: [String: ParameterValue]
        /// The input's text, for a module that has an input.
        public var input: String?
        /// The text of the output; or nothing when only ``outputDigest`` is given.
        public var output: String?
        /// The SHA-256 of the output.
        public var outputDigest: Digest?

        /// Describes a sample.
        public init(parameters: [String: ParameterValue], input: String? = nil, output: String? = nil, outputDigest: Digest? = nil) {
            self.parameters = parameters
            self.input = input
            self.output = output
            self.outputDigest = outputDigest
        }

        private enum CodingKeys: String, CodingKey { case parameters, input, output, outputDigest = "output-sha256" }
    }

    /// One shared library of the package.
    public struct Library: Hashable, Sendable, Codable {
        /// The platform it is for, `x86_64-linux-gnu` for instance.
        public var platform: String
        /// The SHA-256 of the file.
        public var digest: Digest
        /// Its size, in bytes.
        public var sizeBytes: UInt64
        /// The newest glibc version it needs, `2.34` for instance; empty when none.
        public var glibc: String

        /// Describes a library.
        public init(platform: String, digest: Digest, sizeBytes: UInt64, glibc: String) {
            self.platform = platform
            self.digest = digest
            self.sizeBytes = sizeBytes
            self.glibc = glibc
        }

        private enum CodingKeys: String, CodingKey { case platform, digest = "sha256", sizeBytes = "size", glibc }
    }

    /// What `talkoot module check` found, when the package was made of exactly what it had checked.
    public struct Check: Hashable, Sendable, Codable {
        /// What the results are in truth, as far as the check saw.
        public var determinism: Determinism
        /// The points that passed, in order.
        public var passed: [String]

        /// A verdict.
        public init(determinism: Determinism, passed: [String]) {
            self.determinism = determinism
            self.passed = passed
        }
    }

    /// The name, `[a-z][a-z0-9-]{1,62}`.
    public var name: String
    /// The version.
    public var version: SemanticVersion
    /// One line for a person.
    public var summary: String
    /// An SPDX licence expression.
    public var license: String
    /// The parameters, sorted by name.
    public var parameters: [ModuleParameter]
    /// What the job reads.
    public var input: InputKind
    /// What it gives.
    public var output: Output
    /// What a cell needs.
    public var resources: Resources
    /// How results may differ.
    public var determinism: Determinism
    /// How far units are kept apart.
    public var isolation: Isolation
    /// Jobs with known outputs.
    public var samples: [Sample]
    /// The libraries, sorted by platform; empty in a manifest that is not packed yet.
    public var libraries: [Library]
    /// The verdict of its check; `nil` when it was not checked. It is the author's word, no more than the rest of the manifest.
    public var check: Check?

    /// Describes a module.
    public init(
        name: String, version: SemanticVersion, summary: String, license: String, parameters: [ModuleParameter] = [],
        input: InputKind = .none, output: Output, resources: Resources = Resources(), determinism: Determinism = .exact,
        isolation: Isolation = .job, samples: [Sample] = [], libraries: [Library] = []
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.license = license
        self.parameters = parameters.sorted { $0.name < $1.name }
        self.input = input
        self.output = output
        self.resources = resources
        self.determinism = determinism
        self.isolation = isolation
        self.samples = samples
        self.libraries = libraries.sorted { $0.platform < $1.platform }
    }

    /// Reads the parameters a requester wrote and fills in the defaults.
    ///
    /// - Parameter given: texts by parameter name.
    /// - Returns: a value for every declared parameter.
    /// - Throws: ``TalkootError`` `usage` for an unknown name, a wrong type or range, or a missing value without default.
    public func resolve(_ given: [String: String]) throws(TalkootError) -> [String: ParameterValue] {
        try checkNames(given.keys.sorted())
        var values: [String: ParameterValue] = [:]
        for parameter in parameters {
            if let text = given[parameter.name] {
                values[parameter.name] = try parameter.value(from: text)
            } else if let value = parameter.defaultValue {
                values[parameter.name] = value
            } else {
                throw TalkootError(
                    .usage, "\(name) needs the parameter \(parameter.name)", remedy: "add \(parameter.name)=VALUE (\(parameter.help))")
            }
        }
        return values
    }

    /// Checks values that came from elsewhere, over the network for instance.
    ///
    /// - Throws: ``TalkootError`` `usage` unless there is exactly one value of the right type and range for each parameter.
    public func check(_ values: [String: ParameterValue]) throws(TalkootError) {
        try checkNames(values.keys.sorted())
        for parameter in parameters {
            guard let value = values[parameter.name] else {
                throw TalkootError(.usage, "\(name) needs the parameter \(parameter.name)")
            }
            try parameter.check(value)
        }
    }

    private func checkNames(_ names: [String]) throws(TalkootError) {
        guard let unknown = names.first(where: { name in !parameters.contains { $0.name == name } }) else { return }
        let known = parameters.map(\.name)
        throw TalkootError(
            .usage, "\(name) has no parameter \(unknown)",
            remedy: known.isEmpty ? "it takes none" : "it takes \(known.joined(separator: ", "))")
    }
}
