public import NIOCore
import TalkootCore

/// The bodies of `peerlist` and `modlist`: JSON arrays.
public enum RecordCodec {
    /// Which form a list has.
    public enum Form: Hashable, Sendable {
        /// The original form: peers have `uname`, `address`, `port` and `status`, modules are their names.
        case original
        /// All fields, for those who said `hello` with ``Feature/records``.
        case records
    }

    private static let depthLimit = 4
    private static let keyLimit = 1 << 20

    // MARK: Writing

    /// A `peerlist` body. The port is text, as in the original messages.
    public static func encode(_ peers: some Sequence<PeerRecord>, as form: Form) -> ByteBuffer {
        var json = JSONWriter(ByteBuffer())
        json.list(peers) { json, peer in
            json.object { json in
                json.field("uname", peer.name)
                json.field("address", peer.address)
                json.field("port", String(peer.port))
                json.field("status", peer.status)
                guard form == .records else { return }
                json.field("peer", peer.peer?.description)
                json.field("slots", UInt64(max(0, peer.slots)))
                json.field("level", peer.level.map { UInt64($0.rawValue) })
                json.field("platform", peer.platform)
                json.field("modules", peer.modules)
                json.field("reach", peer.reach?.rawValue)
            }
        }
        return json.buffer
    }

    /// A `modlist` body. In the original form a name that several versions share comes once.
    public static func encode(_ modules: some Sequence<ModuleRecord>, as form: Form) -> ByteBuffer {
        var json = JSONWriter(ByteBuffer())
        guard form == .records else {
            var seen: Set<String> = []
            json.list(modules.map(\.name).filter { seen.insert($0).inserted }) { $0.text($1) }
            return json.buffer
        }
        json.list(modules) { json, module in
            json.object { json in
                json.field("name", module.name)
                json.field("version", module.version.description)
                json.field("digest", module.digest.description)
                json.field("size", module.size)
                json.field("publisher", module.publisher)
                json.field("uploader", module.uploader)
                json.field("yanked", module.yanked)
            }
        }
        return json.buffer
    }

    // MARK: Reading

    /// Reads a `peerlist` body of either form.
    ///
    /// - Throws: a fault with code `bad-data` when it is no such list.
    public static func decodePeers(_ body: ByteBuffer) throws(Message.Fault) -> [PeerRecord] {
        try elements(of: body, "peerlist") { (fields) throws(Message.Fault) in
            PeerRecord(
                name: try fields.text("uname"), address: try fields.optionalText("address") ?? "", port: try fields.port(),
                status: try fields.optionalText("status") ?? "offline",
                peer: try fields.optionalWord("peer", "a peer id"), slots: try fields.optionalCount("slots") ?? 0,
                level: try fields.optionalLevel(), platform: try fields.optionalText("platform") ?? "",
                modules: fields.has("modules") ? try fields.texts("modules") : [],
                reach: try fields.optionalText("reach").flatMap { Reachability(rawValue: $0) })
        }
    }

    /// Reads a `modlist` body in the form of records.
    ///
    /// - Throws: a fault with code `bad-data` when it is no such list.
    public static func decodeModules(_ body: ByteBuffer) throws(Message.Fault) -> [ModuleRecord] {
        try elements(of: body, "modlist") { (fields) throws(Message.Fault) in
            ModuleRecord(
                name: try fields.text("name"), version: try fields.word("version", "a version"),
                digest: try fields.word("digest", "a SHA-256 digest"), size: try fields.number("size"),
                publisher: try fields.optionalText("publisher"), uploader: try fields.optionalText("uploader") ?? "",
                yanked: try fields.optionalText("yanked"))
        }
    }

    private static func elements<Record>(
        of body: ByteBuffer, _ list: String, _ read: (MessageFields) throws(Message.Fault) -> Record
    ) throws(Message.Fault) -> [Record] {
        guard body.readableBytes <= Limits.listBytes else { throw .badData("a \(list) is at most \(Limits.listBytes) bytes long") }
        guard case .success(.list(let values)) = JSONParser.parse(body, depth: depthLimit, keys: keyLimit) else {
            throw .badData("a \(list) is a JSON array")
        }
        var records: [Record] = []
        for value in values {
            guard case .object(let object) = value else { throw .badData("a \(list) is an array of objects") }
            records.append(try read(MessageFields(object, of: list)))
        }
        return records
    }
}
