// Colours for the smooth number of iterations.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mandelbrot {

struct Colour {
    std::uint8_t red, green, blue;
};

/// A ring of colours, blended from a few.
class Palette {
public:
    /// The palette of this name; the first one for a name that is unknown.
    explicit Palette(const char *name);

    /// The colour of a point that escaped after `smooth` iterations; black for a negative number.
    Colour colour(double smooth) const;

private:
    static constexpr std::size_t count = 2048;
    Colour ring[count];
};

}  // namespace mandelbrot
