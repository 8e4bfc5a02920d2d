import TalkootCore

extension MessageCodec {
    /// The fields of a message between a coordinator and a volunteer; nothing for another.
    static func writeWork(_ message: Message, to json: inout JSONWriter) {
        switch message {
        case .request(let request): write(request, to: &json)
        case .response(let response):
            json.field("reply", response.reply)
            json.field("reason", response.reason)
            json.field("job", response.job?.description)
        case .ready(let ready):
            json.field("job", ready.job.description)
            json.field("slots", UInt64(max(0, ready.slots)))
            json.field("level", UInt64(ready.level.rawValue))
        case .grant(let grant): write(grant, to: &json)
        case .progress(let progress):
            writeLease(progress.job, progress.lease, to: &json)
            json.field("next", progress.next)
        case .acknowledge(let acknowledgement):
            writeLease(acknowledgement.job, acknowledgement.lease, to: &json)
            json.field("from", acknowledgement.units.lowerBound)
            json.field("to", acknowledgement.units.upperBound)
        case .release(let release):
            writeLease(release.job, release.lease, to: &json)
            json.field("from", release.from)
            json.field("reason", release.reason)
        case .revoke(let revocation):
            writeLease(revocation.job, revocation.lease, to: &json)
            json.field("from", revocation.from)
        case .cancel(let cancellation):
            json.field("job", cancellation.job.description)
            json.field("reason", cancellation.reason)
            json.field("code", cancellation.code)
        case .fetch(let fetch): write(fetch, to: &json)
        case .receipt(let receipt): write(receipt, to: &json)
        default: break
        }
    }

    private static func writeLease(_ job: JobID, _ lease: UInt64, to json: inout JSONWriter) {
        json.field("job", job.description)
        json.field("lease", lease)
    }

    private static func write(_ grant: Message.Grant, to json: inout JSONWriter) {
        writeLease(grant.job, grant.lease, to: &json)
        json.field("slot", UInt64(max(0, grant.slot)))
        json.field("from", grant.units.lowerBound)
        json.field("to", grant.units.upperBound)
        guard grant.input != 0..<0 else { return }
        json.field("offset", grant.input.lowerBound)
        json.field("length", UInt64(grant.input.count))
    }

    private static func write(_ fetch: Message.Fetch, to json: inout JSONWriter) {
        json.field("stream", UInt64(fetch.stream))
        json.field("job", fetch.job.description)
        json.field("subject", fetch.subject.rawValue)
        json.field("offset", fetch.offset)
        json.field("length", fetch.length)
        if fetch.mayRefer {
            json.key("refer")
            json.flag(true)
        }
    }

    private static func write(_ request: Message.WorkRequest, to json: inout JSONWriter) {
        json.field("title", request.title)
        json.field("info", request.info)
        json.field("modname", request.moduleName)
        guard let job = request.job else { return }
        json.field("job", job.id.description)
        json.key("work")
        json.object { json in
            json.field("requester", job.requester)
            json.field("module", job.module.description)
            json.field("package", job.packageBytes)
            write(job.parameters, to: &json)
            json.field("items", job.shape.items)
            json.field("per", job.shape.itemsPerUnit)
            json.field("seed", job.seed)
            json.field("input", job.inputBytes)
            write(job.limits, to: &json)
            json.field("level", UInt64(job.minimumLevel.rawValue))
            if let swarm = job.swarm { write(swarm, to: &json) }
        }
    }

    private static func write(_ parameters: [String: ParameterValue], to json: inout JSONWriter) {
        json.key("parameters")
        json.object { json in
            for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
                json.key(name)
                json.object { json in
                    switch value {
                    case .integer(let value):
                        json.key("integer")
                        json.number(value)
                    case .real(let value): json.field("real", value)
                    case .flag(let value):
                        json.key("flag")
                        json.flag(value)
                    case .text(let value): json.field("text", value)
                    }
                }
            }
        }
    }

    private static func write(_ limits: CellLimits, to json: inout JSONWriter) {
        json.key("limits")
        json.object { json in
            json.field("memory", limits.memoryBytes)
            json.field("output", limits.outputBytes)
            json.field("log", limits.logBytes)
            json.field("wall", limits.unitWallSeconds)
            json.field("processor", limits.unitProcessorSeconds)
            json.field("threads", UInt64(max(0, limits.threads)))
        }
    }
}
