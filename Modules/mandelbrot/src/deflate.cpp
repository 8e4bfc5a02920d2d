#include "deflate.hpp"

#include "huffman.hpp"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace mandelbrot {

namespace {

constexpr std::size_t window = 32768;
constexpr std::size_t shortest_match = 4, longest_match = 258;
constexpr unsigned hash_bits = 15;
/// Places that are looked at for a repeat.
constexpr int chain_limit = 24;
/// Tokens in a block: enough that its code tables cost little.
constexpr std::size_t block_tokens = 32768;

constexpr std::uint16_t length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                           31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::uint8_t length_extra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};

/// A literal (distance 0, the byte in `length`) or a repeat.
struct Token {
    std::uint16_t length, distance;
};

std::size_t length_symbol(unsigned length)
{
    std::size_t n = 28;
    while (length_base[n] > length) { n--; }
    return n;
}

/// Distances 1, 2, 3, 4, then two symbols for each power of two.
struct Distance {
    unsigned symbol, extra, rest;

    explicit Distance(unsigned distance)
    {
        const unsigned value = distance - 1;
        const unsigned top = value < 2 ? 0 : 31u - static_cast<unsigned>(__builtin_clz(value));
        extra = top < 1 ? 0 : top - 1;
        symbol = value < 2 ? value : 2 * top + (value >> (top - 1) & 1);
        rest = extra == 0 ? 0 : value & ((1u << extra) - 1);
    }
};

/// All that packing needs; some 600 KB, so not on the stack.
class Packer {
public:
    Packer(const std::uint8_t *bytes, std::size_t size, const Sink &sink) : bytes(bytes), size(size), sink(sink) {}

    bool pack()
    {
        put(0x78, 8);
        put(0x9C, 8);
        for (std::size_t at = 0; at < size && isOpen;) {
            count = 0;
            while (at < size && count < block_tokens) { at += next_token(at); }
            write_block(at == size);
            if (used > flush_bytes) { flush(); }
        }
        if (bits > 0) { put(0, 8 - bits % 8); }
        const std::uint32_t sum = adler();
        for (int shift = 24; shift >= 0; shift -= 8) { put(sum >> shift & 255, 8); }
        flush();
        return isOpen;
    }

private:
    static constexpr std::size_t flush_bytes = 48 << 10;

    std::size_t next_token(std::size_t at)
    {
        std::size_t length = 0, distance = 0;
        if (at + shortest_match <= size) { find(at, length, distance); }
        if (length < shortest_match) {
            tokens[count++] = {bytes[at], 0};
            remember(at);
            return 1;
        }
        tokens[count++] = {static_cast<std::uint16_t>(length), static_cast<std::uint16_t>(distance)};
        for (std::size_t n = 0; n < length; n++) { remember(at + n); }
        return length;
    }

    std::uint32_t hash(std::size_t at) const
    {
        std::uint32_t word;
        std::memcpy(&word, bytes + at, sizeof word);
        return word * 2654435761u >> (32 - hash_bits);
    }

    void remember(std::size_t at)
    {
        if (at + shortest_match > size) { return; }
        const std::uint32_t slot = hash(at);
        before[at % window] = head[slot];
        head[slot] = static_cast<std::uint32_t>(at + 1);
    }

    /// The longest repeat that starts at `at`, among the newest places with the same four bytes.
    void find(std::size_t at, std::size_t &length, std::size_t &distance) const
    {
        const std::size_t most = size - at < longest_match ? size - at : longest_match;
        std::uint32_t place = head[hash(at)];
        for (int tries = chain_limit; place > 0 && tries > 0; tries--) {
            const std::size_t from = place - 1;
            if (at - from > window - 1) { return; }
            std::size_t same = 0;
            while (same < most && bytes[from + same] == bytes[at + same]) { same++; }
            if (same > length) {
                length = same;
                distance = at - from;
                if (same == most) { return; }
            }
            place = before[from % window];
        }
    }

    void write_block(bool isLast)
    {
        std::uint32_t literals[286] = {}, distances[30] = {};
        literals[256] = 1;
        for (std::size_t n = 0; n < count; n++) {
            if (tokens[n].distance == 0) {
                literals[tokens[n].length]++;
            } else {
                literals[257 + length_symbol(tokens[n].length)]++;
                distances[Distance(tokens[n].distance).symbol]++;
            }
        }
        literal_code.make(literals, 286, 15);
        distance_code.make(distances, 30, 15);
        put(isLast ? 1 : 0, 1);
        put(2, 2);
        write_codes();
        for (std::size_t n = 0; n < count; n++) { write_token(tokens[n]); }
        put(literal_code.code[256], literal_code.length[256]);
    }

    void write_token(Token token)
    {
        if (token.distance == 0) {
            put(literal_code.code[token.length], literal_code.length[token.length]);
            return;
        }
        const std::size_t symbol = length_symbol(token.length);
        put(literal_code.code[257 + symbol], literal_code.length[257 + symbol]);
        put(token.length - length_base[symbol], length_extra[symbol]);
        const Distance distance(token.distance);
        put(distance_code.code[distance.symbol], distance_code.length[distance.symbol]);
        put(distance.rest, distance.extra);
    }

    /// The lengths of both codes, themselves coded: 0 to 15 as they are, 17 and 18 for runs of zeros (RFC 1951, 3.2.7).
    void write_codes()
    {
        static const std::uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
        std::uint8_t lengths[316], symbols[316], runs[316];
        std::memcpy(lengths, literal_code.length, 286);
        std::memcpy(lengths + 286, distance_code.length, 30);
        std::uint32_t occurrences[19] = {};
        std::size_t total = 0;
        for (std::size_t at = 0; at < sizeof lengths;) {
            std::size_t run = 1;
            while (lengths[at] == 0 && run < 138 && at + run < sizeof lengths && lengths[at + run] == 0) { run++; }
            if (run < 3) { run = 1; }
            symbols[total] = run == 1 ? lengths[at] : run <= 10 ? 17 : 18;
            runs[total] = static_cast<std::uint8_t>(run);
            occurrences[symbols[total++]]++;
            at += run;
        }
        PrefixCode code;
        code.make(occurrences, 19, 7);
        put(286 - 257, 5);
        put(30 - 1, 5);
        put(19 - 4, 4);
        for (const std::uint8_t symbol : order) { put(code.length[symbol], 3); }
        for (std::size_t n = 0; n < total; n++) {
            put(code.code[symbols[n]], code.length[symbols[n]]);
            if (symbols[n] == 17) { put(runs[n] - 3u, 3); }
            if (symbols[n] == 18) { put(runs[n] - 11u, 7); }
        }
    }

    /// Appends up to 16 bits, the lowest first.
    void put(std::uint32_t value, unsigned width)
    {
        pending |= static_cast<std::uint64_t>(value) << bits;
        for (bits += width; bits >= 8; bits -= 8, pending >>= 8) { out[used++] = static_cast<std::uint8_t>(pending); }
    }

    void flush()
    {
        if (used > 0) { isOpen = isOpen && sink(out, used); }
        used = 0;
    }

    std::uint32_t adler() const
    {
        std::uint32_t a = 1, b = 0;
        for (std::size_t at = 0; at < size;) {
            // So many can be added before b could overflow.
            for (const std::size_t end = size - at < 5552 ? size : at + 5552; at < end; at++) {
                a += bytes[at];
                b += a;
            }
            a %= 65521;
            b %= 65521;
        }
        return b << 16 | a;
    }

    const std::uint8_t *const bytes;
    const std::size_t size;
    const Sink &sink;
    bool isOpen = true;
    std::uint32_t head[1u << hash_bits] = {};
    std::uint32_t before[window] = {};
    Token tokens[block_tokens];
    std::size_t count = 0;
    PrefixCode literal_code, distance_code;
    std::uint64_t pending = 0;
    unsigned bits = 0;
    // A block's tokens have at most 48 bits each.
    std::uint8_t out[flush_bytes + 6 * block_tokens + 1024];
    std::size_t used = 0;
};

struct Free {
    void operator()(Packer *packer) const { std::free(packer); }
};

}  // namespace

bool compress(const std::uint8_t *bytes, std::size_t size, const Sink &sink)
{
    void *const memory = std::malloc(sizeof(Packer));
    if (memory == nullptr) { return false; }
    const std::unique_ptr<Packer, Free> packer(new (memory) Packer(bytes, size, sink));
    return packer->pack();
}

}  // namespace mandelbrot
