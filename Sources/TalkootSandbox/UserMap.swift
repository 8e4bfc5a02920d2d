/// Which user ids exist in this process's user namespace. Pure but for ``own``.
struct UserMap: Hashable, Sendable {
    private let ranges: [Range<UInt64>]

    /// - Parameter text: /proc/PID/uid_map: the first id inside, the first outside, how many.
    init(_ text: String) {
        ranges = text.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").compactMap { UInt64($0) }
            return numbers.count == 3 ? numbers[0]..<numbers[0] + numbers[2] : nil
        }
    }

    /// This process's.
    static var own: UserMap { UserMap(ControlFile.read("/proc/self/uid_map") ?? "") }

    /// Whether cells can be given users of their own. Root in a user namespace that holds root alone is an ordinary user.
    var hasUsersOfCells: Bool {
        let first = UInt64(CellSettings.firstUserID)
        return ranges.contains { $0.contains(first) && $0.contains(first + UInt64(CellSettings.slotLimit) - 1) }
    }
}
