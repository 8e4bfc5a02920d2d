import TalkootCore

extension MessageCodec {
    /// A message between a coordinator and a volunteer; `nil` when the type is none of them.
    static func work(_ type: String, _ fields: MessageFields) throws(Message.Fault) -> Message? {
        switch type {
        case "request": return .request(try request(fields))
        case "response":
            return .response(
                Message.WorkResponse(
                    reply: try fields.text("reply"), reason: try fields.optionalText("reason"), job: try fields.optionalJob()))
        case "ready":
            return .ready(Message.Ready(job: try fields.job(), slots: try fields.count("slots"), level: try fields.level()))
        case "grant": return .grant(try grant(fields))
        case "progress":
            return .progress(Message.Progress(job: try fields.job(), lease: try fields.number("lease"), next: try fields.number("next")))
        case "ack":
            return .acknowledge(
                Message.Acknowledgement(job: try fields.job(), lease: try fields.number("lease"), units: try fields.units()))
        case "release":
            return .release(
                Message.Release(
                    job: try fields.job(), lease: try fields.number("lease"), from: try fields.number("from"),
                    reason: try fields.optionalText("reason") ?? ""))
        case "revoke":
            return .revoke(Message.Revocation(job: try fields.job(), lease: try fields.number("lease"), from: try fields.number("from")))
        case "cancel":
            return .cancel(
                Message.Cancellation(
                    job: try fields.job(), reason: try fields.optionalText("reason") ?? "", code: try fields.optionalText("code")))
        case "fetch": return .fetch(try fetch(fields))
        case "receipt": return .receipt(try receipt(fields))
        default: return nil
        }
    }

    private static func grant(_ fields: MessageFields) throws(Message.Fault) -> Message.Grant {
        let offset = try fields.optionalNumber("offset") ?? 0
        let (end, overflow) = offset.addingReportingOverflow(try fields.optionalNumber("length") ?? 0)
        guard !overflow else { throw fields.fault("length", "within 64 bits") }
        return Message.Grant(
            job: try fields.job(), lease: try fields.number("lease"), slot: try fields.count("slot"), units: try fields.units(),
            input: offset..<end)
    }

    private static func fetch(_ fields: MessageFields) throws(Message.Fault) -> Message.Fetch {
        let subject = try subject(fields)
        let offset = try fields.number("offset")
        let length = try fields.number("length", atMost: Limits.fetchBytes)
        guard !offset.addingReportingOverflow(length).overflow else { throw fields.fault("offset", "within 64 bits") }
        return Message.Fetch(
            stream: UInt32(try fields.number("stream", atMost: UInt64(UInt32.max))), job: try fields.job(), subject: subject,
            offset: offset, length: length, mayRefer: try fields.flag("refer") ?? false)
    }

    private static func request(_ fields: MessageFields) throws(Message.Fault) -> Message.WorkRequest {
        var request = Message.WorkRequest(
            title: try fields.optionalText("title") ?? "", info: try fields.optionalText("info") ?? "",
            moduleName: try fields.text("modname"))
        guard fields.has("work") else { return request }
        request.job = try job(try fields.job(), try fields.nested("work"))
        return request
    }

    private static func job(_ id: JobID, _ fields: MessageFields) throws(Message.Fault) -> Message.JobDescription {
        let itemsPerUnit = try fields.number("per")
        guard itemsPerUnit > 0 else { throw fields.fault("per", "above 0") }
        var job = Message.JobDescription(
            id: id, requester: try fields.optionalText("requester") ?? "", module: try fields.word("module", "a SHA-256 digest"),
            packageBytes: try fields.number("package", atMost: Limits.packageBytes),
            parameters: try parameters(try fields.nested("parameters")),
            shape: JobShape(items: try fields.number("items"), itemsPerUnit: itemsPerUnit), seed: try fields.number("seed"),
            inputBytes: try fields.number("input"), limits: try limits(try fields.nested("limits")), minimumLevel: try fields.level())
        if fields.has("swarm") { job.swarm = try terms(try fields.nested("swarm")) }
        return job
    }

    private static func parameters(_ fields: MessageFields) throws(Message.Fault) -> [String: ParameterValue] {
        var parameters: [String: ParameterValue] = [:]
        for name in fields.keys {
            let value = try fields.nested(name)
            if let integer = try value.signed("integer") {
                parameters[name] = .integer(integer)
            } else if let real = try value.real("real") {
                parameters[name] = .real(real)
            } else if let flag = try value.flag("flag") {
                parameters[name] = .flag(flag)
            } else {
                parameters[name] = .text(try value.text("text"))
            }
        }
        return parameters
    }

    private static func limits(_ fields: MessageFields) throws(Message.Fault) -> CellLimits {
        CellLimits(
            memoryBytes: try fields.number("memory"), outputBytes: try fields.number("output", atMost: UInt64(Limits.resultBytes)),
            logBytes: try fields.number("log"), unitWallSeconds: try seconds("wall", fields),
            unitProcessorSeconds: try seconds("processor", fields), threads: try fields.count("threads"))
    }

    private static func seconds(_ name: String, _ fields: MessageFields) throws(Message.Fault) -> Double {
        guard let seconds = try fields.real(name), seconds.isFinite, seconds > 0 else { throw fields.fault(name, "seconds above 0") }
        return seconds
    }
}
