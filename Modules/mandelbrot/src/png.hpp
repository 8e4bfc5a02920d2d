// Writes a picture of 8-bit red, green and blue as a PNG (RFC 2083).
#pragma once

#include <cstddef>
#include <cstdint>

namespace mandelbrot {

/// Where bytes go; false when there is no more room.
struct Sink {
    bool (*write)(void *context, const void *data, std::size_t size);
    void *context;

    bool operator()(const void *data, std::size_t size) const { return write(context, data, size); }
};

/// Writes `height` rows of 3 * width bytes, the top one first. False when the sink or the memory is exhausted.
bool write_png(const std::uint8_t *dots, std::size_t width, std::size_t height, const Sink &sink);

}  // namespace mandelbrot
