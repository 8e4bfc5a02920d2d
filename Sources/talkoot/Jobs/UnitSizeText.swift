import TalkootCore

/// `--unit-size`, as people write it.
enum UnitSizeText {
    /// How many items make a unit; `nil` when it is to be measured.
    ///
    /// - Throws: ``TalkootError`` `usage` for anything but a whole number above zero.
    static func items(_ text: String?) throws(TalkootError) -> UInt64? {
        guard let text else { return nil }
        guard let value = NumberText.integer(text), value > 0 else {
            throw TalkootError(.usage, "--unit-size \(text) is no whole number above zero", remedy: "give the items of one unit")
        }
        return UInt64(value)
    }
}
