// Packs bytes in the zlib form (RFC 1950) with deflate (RFC 1951): repeats by hash chains, dynamic Huffman codes.
#pragma once

#include "png.hpp"

namespace mandelbrot {

/// Packs `size` bytes and gives the sink pieces of some ten kilobytes. False when the sink or the memory is exhausted.
bool compress(const std::uint8_t *bytes, std::size_t size, const Sink &sink);

}  // namespace mandelbrot
