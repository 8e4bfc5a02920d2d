import CTalkootSystem
import TalkootCore

/// What a cell is told at its start, as the bytes that it reads.
struct CellConfiguration {
    /// The most that all parameters, names and texts together, may take.
    static let parameterLimitBytes = 1 << 20
    /// Room for what the cell's own libraries keep in writable memory.
    static let ownDataBytes: UInt64 = 2 << 20
    /// The stack of each thread.
    static let stackBytes: UInt64 = 8 << 20
    /// Processes that a cell's user may have beside the module's threads: cells of another agent may share the user id.
    static let spareProcesses = 32
    /// Processor time over a cell's life, above which it is due to be replaced, in seconds.
    static let lifeProcessorSeconds = 86_400.0
    /// The most that a request may hold: input of a batch, results of a merge.
    static let requestBytes: UInt64 = 1 << 30

    var layers: LayerSet
    var isProbe = false
    var preload: UInt32 = 0
    var user: UInt32 = 0
    var limits: CellLimits
    /// Processor time of each unit's own process, in seconds; 0 when one process runs all units.
    var unitSeconds: UInt64 = 0
    var parameters: [String: ParameterValue] = [:]
    /// What the cell's handler of stopped calls answers.
    var handlerAnswers: UInt32
    /// The programs that it loads, one after the other: with ``unitSeconds`` a template's, which all its copies have, before those of a
    /// copy.
    var filters: CellFilters

    /// The largest limit of output that a cell can be given.
    static let outputLimitBytes: UInt64 = 1 << 32
    /// Where checkpoints start in the response memory: TALKOOT_WIRE_CHECKPOINTS, which Swift does not import.
    static let checkpointStart = UInt64(TALKOOT_WIRE_ENDS) + 8 * UInt64(TALKOOT_WIRE_UNITS)
    /// Where output starts in the response memory: TALKOOT_WIRE_OUTPUT.
    static let outputStart = checkpointStart + 2 * UInt64(TALKOOT_WIRE_CHECKPOINT_BYTES)

    /// Size of the response memory for a limit of output: a batch ends with the unit that passes 1 MiB.
    static func responseBytes(outputBytes: UInt64) -> UInt64 {
        outputStart + UInt64(TALKOOT_WIRE_BATCH_BYTES) + UInt64(TALKOOT_WIRE_ALIGNMENT) + outputBytes
    }

    /// What a cell's private writable memory is limited to: the module's and its own, and stacks of more threads.
    static func dataBytes(_ limits: CellLimits) -> UInt64 {
        limits.memoryBytes + ownDataBytes + UInt64(max(1, limits.threads) - 1) * stackBytes
    }

    /// The bytes: the fixed part, the filters, the parameters, their texts.
    func encoded() throws(TalkootError) -> [UInt8] {
        var text: [UInt8] = []
        let entries = parameters.sorted { $0.key < $1.key }
        let filtersStart = MemoryLayout<talkoot_wire_configuration>.size
        let parametersStart = (filtersStart + filters.bytes.count + 15) & ~15
        let textStart = parametersStart + entries.count * MemoryLayout<talkoot_wire_parameter>.size
        func place(_ string: String) -> UInt32 {
            defer { text += Array(string.utf8) + [0] }
            return UInt32(textStart + text.count)
        }
        var table: [talkoot_wire_parameter] = []
        for (name, value) in entries where text.count < Self.parameterLimitBytes {
            let name = place(name)
            switch value {
            case .integer(let number): table.append(.init(kind: 0, name: name, value: UInt64(bitPattern: number)))
            case .real(let number): table.append(.init(kind: 1, name: name, value: number.bitPattern))
            case .flag(let flag): table.append(.init(kind: 2, name: name, value: flag ? 1 : 0))
            case .text(let string): table.append(.init(kind: 3, name: name, value: UInt64(place(string))))
            }
        }
        guard text.count < Self.parameterLimitBytes else {
            throw TalkootError(.usage, "the job's parameters take more than 1 MiB", remedy: "shorten them")
        }
        var fixed = talkoot_wire_configuration()
        fill(&fixed, filtersStart: filtersStart)
        fixed.parameters = UInt32(parametersStart)
        fixed.parameter_count = UInt32(table.count)
        fixed.size = UInt32(textStart + text.count)
        var bytes = withUnsafeBytes(of: fixed) { Array($0) } + filters.bytes
        bytes += [UInt8](repeating: 0, count: parametersStart - bytes.count)
        bytes += table.withUnsafeBytes { Array($0) }
        return bytes + text
    }

    private func fill(_ fixed: inout talkoot_wire_configuration, filtersStart: Int) {
        fixed.magic = UInt32(TALKOOT_WIRE_MAGIC)
        fixed.version = UInt32(TALKOOT_WIRE_VERSION)
        fixed.layers = layers.rawValue
        fixed.preload = preload
        fixed.answers = handlerAnswers
        fixed.user = user
        fixed.probe = isProbe ? 1 : 0
        let threads = max(1, limits.threads)
        let hasOwnCount = layers.contains(.ownUser) || layers.contains(.userNamespace)
        fixed.processes = hasOwnCount ? UInt32(threads + Self.spareProcesses) : 0
        fixed.data_bytes = Self.dataBytes(limits)
        let unitSeconds = max(1, min(limits.unitProcessorSeconds, 1e9)).rounded(.up)
        fixed.processor_seconds = UInt64(unitSeconds + Self.lifeProcessorSeconds)
        fixed.unit_seconds = self.unitSeconds
        fixed.request_bytes = Self.requestBytes
        fixed.response_bytes = Self.responseBytes(outputBytes: limits.outputBytes)
        var place = filtersStart
        func count(_ filter: [UInt8]) -> talkoot_wire_filter {
            defer { place += filter.count }
            return talkoot_wire_filter(offset: UInt32(place), count: UInt32(filter.count / FilterProgram.instructionBytes))
        }
        fixed.template_filter = count(filters.template)
        fixed.loading_filter = count(filters.loading)
        fixed.running_filter = count(filters.running)
    }
}

/// The programs of a cell, in the order of their loading; each may be empty.
struct CellFilters {
    /// Of a template; empty for a cell that runs all units itself.
    var template: [UInt8] = []
    /// Before the library is loaded: ``FilterProgram/Part/loading``, or ``FilterProgram/Part/copy`` with a template's.
    var loading: [UInt8] = []
    /// Before the first unit.
    var running: [UInt8] = []

    /// All of them, one after the other.
    var bytes: [UInt8] { template + loading + running }
}

/// Layers of confinement that a cell puts up.
struct LayerSet: OptionSet, Hashable, Sendable {
    let rawValue: UInt32
    static let namespaces = LayerSet(rawValue: UInt32(TALKOOT_LAYER_NAMESPACES))
    static let ownUser = LayerSet(rawValue: UInt32(TALKOOT_LAYER_OWN_USER))
    static let landlock = LayerSet(rawValue: UInt32(TALKOOT_LAYER_LANDLOCK))
    static let limits = LayerSet(rawValue: UInt32(TALKOOT_LAYER_LIMITS))
    static let filter = LayerSet(rawValue: UInt32(TALKOOT_LAYER_FILTER))
    static let userNamespace = LayerSet(rawValue: UInt32(TALKOOT_LAYER_USER_NAMESPACE))

    /// All layers that this process could put up: root has real namespaces, others own a user namespace.
    static func all(isRoot: Bool) -> LayerSet {
        [.namespaces, .landlock, .limits, .filter, isRoot ? .ownUser : .userNamespace]
    }

    /// The level that these layers make.
    func level(isRoot: Bool) -> Int {
        guard contains(.filter), contains(.limits), !isRoot || contains(.ownUser) else { return 0 }
        guard contains(.landlock) else { return 1 }
        return contains(.namespaces) ? 4 : 2
    }
}
