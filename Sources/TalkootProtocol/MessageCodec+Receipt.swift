import TalkootCore

extension MessageCodec {
    /// The longest key and signature that are read, in bytes: P-256 has 91 and 64.
    private static let keyBytes = 128

    /// The fields of a receipt, in the order of its statement.
    static func write(_ receipt: Receipt, to json: inout JSONWriter) {
        json.field("issuer", receipt.issuer.description)
        json.field("number", receipt.number)
        json.field("previous", receipt.previous.description)
        json.field("volunteer", receipt.volunteer)
        json.field("job", receipt.job.description)
        json.field("module", receipt.module.description)
        json.field("units", receipt.unitsText)
        json.field("microcredits", receipt.microcredits)
        json.field("time", UInt64(max(0, receipt.time)))
        json.field("key", hexadecimal(receipt.key))
        json.field("signature", hexadecimal(receipt.signature))
    }

    /// Reads a receipt; what it says is not checked here.
    static func receipt(_ fields: MessageFields) throws(Message.Fault) -> Receipt {
        guard let units = Receipt.units(try fields.text("units")) else {
            throw fields.fault("units", "at most \(Receipt.runsLimit) runs like 0-99")
        }
        var receipt = Receipt(
            issuer: try fields.word("issuer", "a peer id"), key: try bytes("key", fields), number: try fields.number("number"),
            previous: try fields.word("previous", "a digest"), volunteer: try fields.text("volunteer"), job: try fields.job(),
            module: try fields.word("module", "a digest"), units: units, microcredits: try fields.number("microcredits"),
            time: Int64(try fields.number("time", atMost: UInt64(Int64.max))))
        receipt.signature = try bytes("signature", fields)
        return receipt
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func bytes(_ name: String, _ fields: MessageFields) throws(Message.Fault) -> [UInt8] {
        let digits = Array(try fields.text(name).utf8)
        guard digits.count % 2 == 0, digits.count <= 2 * keyBytes else { throw fields.fault(name, "hexadecimal digits") }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[place]), let low = value(digits[place + 1]) else {
                throw fields.fault(name, "hexadecimal digits")
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
