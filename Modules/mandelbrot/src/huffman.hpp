// Prefix codes of bounded length.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mandelbrot {

/// A prefix code for up to 288 symbols, canonical as RFC 1951 wants it, its bits turned round for writing.
struct PrefixCode {
    static constexpr std::size_t most = 288;

    std::uint8_t length[most] = {};
    std::uint16_t code[most] = {};

    /// Makes the code for symbols that occur so often, none longer than `longest` bits. At least two symbols get a code.
    void make(const std::uint32_t *occurrences, std::size_t count, unsigned longest);
};

}  // namespace mandelbrot
