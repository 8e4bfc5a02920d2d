// The part of the plane that is drawn, and its rows.
#pragma once

#include "deep.hpp"
#include "palette.hpp"

#include <cstdint>

namespace mandelbrot {

struct Picture {
    std::int64_t width, height;
    double center_x, center_y, zoom;
    std::int64_t iterations;
    /// Points in each direction that a dot's colour is averaged of.
    std::int64_t samples;
    /// The way of the middle, where the picture is too deep for doubles; else null.
    const Reference *reference;

    /// From one dot to the next: at zoom 1 the shorter side shows 2.5 units of the plane.
    double dot() const { return 2.5 / (zoom * static_cast<double>(width < height ? width : height)); }

    /// Writes the 3 * width bytes of row `row`, counted from the top.
    void draw(std::int64_t row, const Palette &palette, std::uint8_t *bytes) const;
};

}  // namespace mandelbrot
