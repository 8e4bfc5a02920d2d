// The part of the plane that is drawn, and its rows.
#pragma once

#include "palette.hpp"

#include <cstdint>

namespace mandelbrot {

struct Picture {
    std::int64_t width, height;
    double center_x, center_y, zoom;
    std::int64_t iterations;
    /// Points in each direction that a dot's colour is averaged of.
    std::int64_t samples;

    /// Writes the 3 * width bytes of row `row`, counted from the top.
    void draw(std::int64_t row, const Palette &palette, std::uint8_t *bytes) const;
};

}  // namespace mandelbrot
