#include "palette.hpp"

#include "points.hpp"

#include <cstring>

namespace mandelbrot {

namespace {

constexpr std::size_t stops = 8;

struct Named {
    const char *name;
    Colour stop[stops];
};

constexpr Named palettes[] = {
    {"dusk", {{9, 10, 38}, {26, 48, 122}, {48, 126, 190}, {190, 225, 240}, {255, 240, 200}, {246, 165, 64}, {160, 55, 60}, {50, 16, 60}}},
    {"ember", {{12, 4, 6}, {70, 10, 12}, {160, 30, 14}, {230, 90, 20}, {255, 180, 60}, {255, 240, 190}, {190, 110, 70}, {60, 22, 30}}},
    {"sea", {{2, 14, 28}, {4, 50, 74}, {10, 105, 120}, {60, 170, 160}, {190, 235, 205}, {245, 250, 235}, {90, 160, 190}, {16, 60, 100}}},
    {"grey", {{16, 16, 16}, {60, 60, 60}, {120, 120, 120}, {190, 190, 190}, {250, 250, 250}, {190, 190, 190}, {120, 120, 120}, {60, 60, 60}}},
};

/// Between two values, `part` of `whole` on the way.
std::uint8_t blend(int from, int to, int part, int whole) { return static_cast<std::uint8_t>(from + (to - from) * part / whole); }

}  // namespace

Palette::Palette(const char *name)
{
    const Named *chosen = &palettes[0];
    for (const Named &each : palettes) {
        if (std::strcmp(each.name, name) == 0) { chosen = &each; }
    }
    constexpr int span = count / stops;
    for (std::size_t n = 0; n < count; n++) {
        const Colour from = chosen->stop[n / span], to = chosen->stop[(n / span + 1) % stops];
        const int part = static_cast<int>(n % span);
        ring[n] = {blend(from.red, to.red, part, span), blend(from.green, to.green, part, span), blend(from.blue, to.blue, part, span)};
    }
}

Colour Palette::colour(double smooth) const
{
    if (smooth < 0) { return {0, 0, 0}; }
    // Bands of equal width on a logarithmic scale: as calm deep inside as far out.
    const double place = log2_of(smooth + 2) * 380;
    return ring[static_cast<std::size_t>(place) % count];
}

}  // namespace mandelbrot
