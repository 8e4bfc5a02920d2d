/// What a picture of a simulated job shows: when volunteers worked, how far the job was, who was convicted when.
public struct Timeline: Sendable {
    private var busySince: [Double?]
    private(set) var spans: [[Range<Double>]]
    private(set) var progress: [(time: Double, share: Double)] = [(0, 0)]
    var convictions: [(time: Double, volunteer: Int)] = []
    private(set) var ninetyNine: Double?
    let ideal: Double
    private(set) var end = 0.0

    init(volunteers: Int, ideal: Double) {
        busySince = Array(repeating: nil, count: volunteers)
        spans = Array(repeating: [], count: volunteers)
        self.ideal = ideal
    }

    mutating func note(_ volunteer: Int, isBusy: Bool, at time: Double) {
        guard volunteer < busySince.count else { return }
        if isBusy, busySince[volunteer] == nil {
            busySince[volunteer] = time
        } else if !isBusy, let since = busySince[volunteer] {
            spans[volunteer].append(since..<max(since, time))
            busySince[volunteer] = nil
        }
    }

    mutating func progress(_ done: UInt64, of units: UInt64, at time: Double) {
        let share = Double(done) / Double(units)
        if share >= 0.99, ninetyNine == nil { ninetyNine = time }
        if share < 0.99 { ninetyNine = nil }
        guard !spans.isEmpty, time - (progress.last?.time ?? 0) >= ideal / 1000 else { return }
        progress.append((time, share))
    }

    mutating func end(at time: Double, _ volunteers: [SimulatedVolunteer]) {
        end = time
        for number in busySince.indices { note(number, isBusy: false, at: time) }
        progress.append((time, 1))
    }

    /// The picture as SVG: a row for each volunteer, a curve for the whole job, the ideal end as a line, the last tenth larger below.
    public func svg(title: String) -> String {
        let width = 1000.0
        let row = max(2.0, min(10, 480 / Double(max(1, spans.count))))
        let height = row * Double(spans.count)
        let box = "viewBox=\"0 0 1080 \(fixed(2 * height + 320, 0))\" font-family=\"sans-serif\" font-size=\"12\""
        var text = "<svg xmlns=\"http://www.w3.org/2000/svg\" \(box)>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        text += "<text x=\"40\" y=\"24\" font-size=\"15\">\(title)</text>\n"
        let legend =
            "blue: at work; red dot: convicted; green line: the ideal end; grey line: the end; curve: the part of the job that is done"
        text += "<text x=\"1040\" y=\"24\" text-anchor=\"end\" fill=\"#555555\">\(legend)</text>\n"
        text += panel(0..<max(end, ideal), top: 50, width: width, row: row, label: "volunteers at work, and how much is done")
        let tail = min(end, ideal) * 0.9..<max(end, ideal * 1.001)
        text += panel(tail, top: height + 210, width: width, row: row, label: "the end, larger")
        return text + "</svg>\n"
    }

    private func panel(_ span: Range<Double>, top: Double, width: Double, row: Double, label: String) -> String {
        let height = row * Double(spans.count)
        let scale = width / (span.upperBound - span.lowerBound)
        func x(_ time: Double) -> Double { 40 + (min(max(time, span.lowerBound), span.upperBound) - span.lowerBound) * scale }
        var text =
            "<text x=\"40\" y=\"\(fixed(top - 8, 1))\">\(label), \(Self.clock(span.lowerBound)) to \(Self.clock(span.upperBound))</text>\n"
        for (number, busy) in spans.enumerated() {
            let y = top + Double(number) * row
            for each in busy where each.upperBound > span.lowerBound && each.lowerBound < span.upperBound {
                let left = x(each.lowerBound)
                text += "<rect x=\"\(fixed(left, 1))\" y=\"\(fixed(y, 1))\" width=\"\(fixed(max(0.3, x(each.upperBound) - left), 1))\""
                text += " height=\"\(fixed(row * 0.8, 1))\" fill=\"#7aa6c2\"/>\n"
            }
        }
        for each in convictions where each.volunteer < spans.count && span.contains(each.time) {
            let y = top + (Double(each.volunteer) + 0.4) * row
            text += "<circle cx=\"\(fixed(x(each.time), 1))\" cy=\"\(fixed(y, 1))\" r=\"4\" fill=\"#c0392b\"/>\n"
        }
        let points = progress.filter { span.contains($0.time) || $0.time == span.upperBound }.map { point in
            "\(fixed(x(point.time), 1)),\(fixed(top + height + 100 - 90 * point.share, 1))"
        }
        text += "<polyline fill=\"none\" stroke=\"#1b4f72\" stroke-width=\"2\" points=\"\(points.joined(separator: " "))\"/>\n"
        text += line(at: x(ideal), from: top, to: top + height + 105, color: "#27ae60")
        return text + line(at: x(end), from: top, to: top + height + 105, color: "#333333")
    }

    private func line(at x: Double, from top: Double, to bottom: Double, color: String) -> String {
        "<line x1=\"\(fixed(x, 1))\" x2=\"\(fixed(x, 1))\" y1=\"\(fixed(top, 1))\" y2=\"\(fixed(bottom, 1))\" stroke=\"\(color)\"/>\n"
    }

    private static func clock(_ seconds: Double) -> String { "\(Int(seconds) / 3600) h \(Int(seconds) / 60 % 60) min" }
}
