import TalkootCore

/// Decides which results are folded together: a fixed tree, whatever order results came in.
///
/// Results are added in unit order. A level holds up to ``fanIn`` pending nodes; when it is full, or holds ``groupBytes``, they are folded
/// into one node of the level above. At the end what is pending is folded upwards. So the shape depends only on the results
/// themselves, floating-point sums are the same on every run, and memory holds a few groups for any number of units.
struct MergeTree: Sendable {
    /// How many nodes are folded at once.
    static let fanIn = 32
    /// Bytes of a group beyond which it is folded early, if it has two nodes at least.
    static let groupBytes = 8 << 20

    private var levels: [[[UInt8]]] = []
    private let groupBytes: Int

    /// An empty tree. The limit is an argument for tests.
    init(groupBytes: Int = MergeTree.groupBytes) { self.groupBytes = groupBytes }

    /// Adds the next unit's result, and folds what is full.
    ///
    /// - Parameter fold: folds at least two consecutive nodes into one.
    /// - Throws: what `fold` throws.
    mutating func add(_ result: [UInt8], fold: ([[UInt8]]) throws(TalkootError) -> [UInt8]) throws(TalkootError) {
        var node = result
        var level = 0
        while true {
            if level == levels.count { levels.append([]) }
            levels[level].append(node)
            guard isFull(levels[level]) else { return }
            let group = levels[level]
            levels[level] = []
            node = try fold(group)
            level += 1
        }
    }

    /// Ends the tree: the one node that is left, or `nil` when nothing was added.
    ///
    /// - Throws: what `fold` throws.
    mutating func finish(fold: ([[UInt8]]) throws(TalkootError) -> [UInt8]) throws(TalkootError) -> [UInt8]? {
        var carried: [UInt8]?
        for level in levels {
            let group = level + (carried.map { [$0] } ?? [])
            guard !group.isEmpty else { continue }
            carried = group.count == 1 ? group[0] : try fold(group)
        }
        levels = []
        return carried
    }

    private func isFull(_ group: [[UInt8]]) -> Bool {
        group.count >= Self.fanIn || (group.count >= 2 && group.reduce(0) { $0 + $1.count } >= groupBytes)
    }
}
