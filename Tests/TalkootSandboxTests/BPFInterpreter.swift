/// Runs a classic BPF program as the kernel's seccomp does, for the instructions that libseccomp makes. Anything else is an error.
struct BPFInterpreter {
    /// What a program is asked about: `struct seccomp_data`.
    struct Call: CustomStringConvertible {
        var number: UInt32
        var architecture: UInt32
        var arguments: [UInt64] = [0, 0, 0, 0, 0, 0]
        var instruction: UInt64 = 0

        /// A word of the structure, on a little-endian machine.
        func word(at offset: UInt32) -> UInt32? {
            switch offset {
            case 0: number
            case 4: architecture
            case 8: UInt32(truncatingIfNeeded: instruction)
            case 12: UInt32(truncatingIfNeeded: instruction >> 32)
            case 16..<64 where offset % 4 == 0:
                UInt32(truncatingIfNeeded: arguments[Int(offset - 16) / 8] >> (offset % 8 == 0 ? 0 : 32))
            default: nil
            }
        }

        var description: String {
            "call \(number) of \(String(architecture, radix: 16)) with "
                + arguments.map { "0x" + String($0, radix: 16) }.joined(separator: ", ")
        }
    }

    /// The program did what a filter must not.
    enum Fault: Error {
        case instruction(UInt16, at: Int)
        case place(Int)
        case load(UInt32)
    }

    private struct Instruction {
        var code: UInt16
        var whenTrue: Int
        var whenFalse: Int
        var operand: UInt32
    }

    private let instructions: [Instruction]

    /// A program as `struct sock_filter[]`.
    init(_ bytes: [UInt8]) {
        instructions = stride(from: 0, to: bytes.count, by: 8).map { start in
            Instruction(
                code: UInt16(bytes[start]) | UInt16(bytes[start + 1]) << 8, whenTrue: Int(bytes[start + 2]),
                whenFalse: Int(bytes[start + 3]),
                operand: (0..<4).reduce(0) { $0 | UInt32(bytes[start + 4 + $1]) << UInt32(8 * $1) })
        }
    }

    /// The filter's word: action and data.
    func run(_ call: Call) throws -> UInt32 {
        var accumulator: UInt32 = 0
        var place = 0
        while instructions.indices.contains(place) {
            let instruction = instructions[place]
            place += 1
            switch instruction.code {
            case 0x20:  // LD W ABS
                guard let word = call.word(at: instruction.operand) else { throw Fault.load(instruction.operand) }
                accumulator = word
            case 0x54: accumulator &= instruction.operand  // ALU AND K
            case 0x05: place += Int(instruction.operand)  // JMP JA
            case 0x15: place += accumulator == instruction.operand ? instruction.whenTrue : instruction.whenFalse  // JEQ
            case 0x25: place += accumulator > instruction.operand ? instruction.whenTrue : instruction.whenFalse  // JGT
            case 0x35: place += accumulator >= instruction.operand ? instruction.whenTrue : instruction.whenFalse  // JGE
            case 0x45: place += accumulator & instruction.operand != 0 ? instruction.whenTrue : instruction.whenFalse  // JSET
            case 0x06: return instruction.operand  // RET K
            default: throw Fault.instruction(instruction.code, at: place - 1)
            }
        }
        throw Fault.place(place)
    }
}
