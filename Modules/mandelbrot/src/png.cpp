#include "png.hpp"

#include "deflate.hpp"

#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>

namespace mandelbrot {

namespace {

constexpr std::size_t dot_bytes = 3;

std::uint8_t *put32(std::uint8_t *place, std::uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) { *place++ = static_cast<std::uint8_t>(value >> shift); }
    return place;
}

/// The cyclic redundancy check of RFC 2083, continued over `size` bytes.
std::uint32_t crc(std::uint32_t value, const std::uint8_t *bytes, std::size_t size)
{
    static std::uint32_t table[256];
    if (table[1] == 0) {
        for (std::uint32_t n = 0; n < 256; n++) {
            std::uint32_t entry = n;
            for (int bit = 0; bit < 8; bit++) { entry = entry & 1 ? 0xEDB88320u ^ entry >> 1 : entry >> 1; }
            table[n] = entry;
        }
    }
    for (std::size_t i = 0; i < size; i++) { value = table[(value ^ bytes[i]) & 255] ^ value >> 8; }
    return value;
}

bool write_chunk(const Sink &sink, const char *type, const std::uint8_t *data, std::size_t size)
{
    std::uint8_t head[8], tail[4];
    std::memcpy(put32(head, static_cast<std::uint32_t>(size)), type, 4);
    put32(tail, ~crc(crc(0xFFFFFFFFu, head + 4, 4), data, size));
    return sink(head, 8) && (size == 0 || sink(data, size)) && sink(tail, 4);
}

/// What Paeth's filter predicts of the dots to the left, above, and above to the left.
int paeth(int left, int above, int corner)
{
    const int guess = left + above - corner;
    const int to_left = std::abs(guess - left), to_above = std::abs(guess - above), to_corner = std::abs(guess - corner);
    if (to_left <= to_above && to_left <= to_corner) { return left; }
    return to_above <= to_corner ? above : corner;
}

/// One row through filter 0 none, 1 sub, 2 up or 4 Paeth. Returns how far its bytes are from zero, which tells what packs well.
std::uint64_t filter(int kind, const std::uint8_t *row, const std::uint8_t *above, std::size_t size, std::uint8_t *out)
{
    std::uint64_t cost = 0;
    out[0] = static_cast<std::uint8_t>(kind);
    for (std::size_t i = 0; i < size; i++) {
        const int left = i < dot_bytes ? 0 : row[i - dot_bytes], up = above == nullptr ? 0 : above[i];
        const int corner = i < dot_bytes || above == nullptr ? 0 : above[i - dot_bytes];
        const int guess = kind == 1 ? left : kind == 2 ? up : kind == 4 ? paeth(left, up, corner) : 0;
        out[i + 1] = static_cast<std::uint8_t>(row[i] - guess);
        cost += static_cast<std::uint64_t>(std::abs(static_cast<std::int8_t>(out[i + 1])));
    }
    return cost;
}

struct Free {
    void operator()(void *memory) const { std::free(memory); }
};

using Bytes = std::unique_ptr<std::uint8_t[], Free>;

Bytes make_bytes(std::size_t size) { return Bytes(static_cast<std::uint8_t *>(std::malloc(size))); }

/// All rows, each through the filter that makes it smallest; null without memory.
Bytes filtered(const std::uint8_t *dots, std::size_t row_bytes, std::size_t height)
{
    Bytes all = make_bytes((row_bytes + 1) * height), trial = make_bytes(row_bytes + 1);
    if (!all || !trial) { return nullptr; }
    for (std::size_t y = 0; y < height; y++) {
        const std::uint8_t *const row = dots + y * row_bytes, *const above = y == 0 ? nullptr : row - row_bytes;
        std::uint8_t *const place = all.get() + y * (row_bytes + 1);
        std::uint64_t least = filter(0, row, above, row_bytes, place);
        for (const int kind : {1, 2, 4}) {
            const std::uint64_t cost = filter(kind, row, above, row_bytes, trial.get());
            if (cost < least) {
                least = cost;
                std::memcpy(place, trial.get(), row_bytes + 1);
            }
        }
    }
    return all;
}

}  // namespace

bool write_png(const std::uint8_t *dots, std::size_t width, std::size_t height, const Sink &sink)
{
    static const std::uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    std::uint8_t header[13];
    std::uint8_t *const depth = put32(put32(header, static_cast<std::uint32_t>(width)), static_cast<std::uint32_t>(height));
    std::memcpy(depth, "\x08\x02\x00\x00\x00", 5);
    if (!sink(signature, 8) || !write_chunk(sink, "IHDR", header, sizeof header)) { return false; }

    const Bytes rows = filtered(dots, dot_bytes * width, height);
    if (!rows) { return false; }
    const Sink chunks{[](void *context, const void *data, std::size_t size) {
                          return write_chunk(*static_cast<const Sink *>(context), "IDAT", static_cast<const std::uint8_t *>(data), size);
                      },
                      const_cast<Sink *>(&sink)};
    return compress(rows.get(), (dot_bytes * width + 1) * height, chunks) && write_chunk(sink, "IEND", nullptr, 0);
}

}  // namespace mandelbrot
