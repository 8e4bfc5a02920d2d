import TalkootAsync

let limit = Parameter<UInt64>("limit")

@Sendable func plan(_ host: Host, _ inputBytes: UInt64) throws(Failure) -> UInt64 { host[limit] }

func cubes(of items: Range<UInt64>) async -> UInt64 { items.reduce(0) { $0 &+ $1 &* $1 &* $1 } }

@Sendable func run(_ host: Host, _ unit: Unit, _ output: Output) async throws(Failure) {
    let middle = unit.items.lowerBound + UInt64(unit.items.count / 2)
    let items = unit.items
    async let left = cubes(of: items.lowerBound..<middle)
    async let right = cubes(of: middle..<items.upperBound)
    try output.write(await left &+ right)
}

@Sendable func merge(_ host: Host, _ results: Results, _ output: Output) throws(Failure) {
    try output.write(try results.fold(UInt64.self) { $0 &+ $1 })
}

@Sendable func finish(_ host: Host, _ merged: Bytes, _ output: Output) throws(Failure) {
    let sum: UInt64 = merged.isEmpty ? 0 : try merged.value()
    try output.write("\(sum)\n")
}

/// What the host looks up.
@c(talkoot_module_v1) public func exported(_ host: HostPointer?) -> ModulePointer? {
    Module.export(plan: plan, run: run, merge: merge, finish: finish)
}
