#include "points.hpp"

#include <cstring>
#include <initializer_list>

namespace mandelbrot {

namespace {

typedef double Vector __attribute__((vector_size(32)));
typedef std::int64_t Mask __attribute__((vector_size(32)));

constexpr std::size_t width = 4;
constexpr std::size_t vectors = lanes / width;
constexpr double escape_square = 65536;
/// Iterations between two looks at whether anybody is still inside.
constexpr std::int64_t stride = 8;

/// Inside the main cardioid or the disc to its left, where nothing ever escapes.
bool is_in_large_parts(double x, double y)
{
    const double square = (x - 0.25) * (x - 0.25) + y * y;
    return square * (square + (x - 0.25)) <= 0.25 * y * y || (x + 1) * (x + 1) + y * y <= 0.0625;
}

/// Four points on their way.
struct Orbit {
    Vector cr, ci;
    Vector zr{}, zi{};
    Vector seen_r{}, seen_i{};
    Vector count{};
    Mask inside;

    /// One step for those that are still inside; the others stay where they left.
    __attribute__((always_inline)) void step()
    {
        const Vector square_r = zr * zr, square_i = zi * zi;
        const Vector product = zr * zi;
        inside &= square_r + square_i <= escape_square;
        const Vector next_r = square_r - square_i + cr, next_i = product + product + ci;
        zr = inside ? next_r : zr;
        zi = inside ? next_i : zi;
        count += inside ? Vector{1, 1, 1, 1} : Vector{};
    }

    /// Whether a point is exactly where it was at the last mark: then it goes round for ever.
    __attribute__((always_inline)) Mask repeats() const { return (zr == seen_r) & (zi == seen_i) & inside; }
};

bool any(const Mask &mask) { return (mask[0] | mask[1] | mask[2] | mask[3]) != 0; }

}  // namespace

double log2_of(double x)
{
    std::uint64_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    double exponent = static_cast<double>(static_cast<std::int64_t>(bits >> 52) - 1023);
    bits = (bits & 0x000FFFFFFFFFFFFFu) | 0x3FF0000000000000u;
    double mantissa;
    std::memcpy(&mantissa, &bits, sizeof mantissa);
    if (mantissa > 1.4142135623730951) {
        mantissa *= 0.5;
        exponent += 1;
    }
    // log2(m) = 2 / ln 2 * artanh((m - 1) / (m + 1)), by its series.
    const double s = (mantissa - 1) / (mantissa + 1), square = s * s;
    double sum = 1.0 / 11;
    for (const double divisor : {9.0, 7.0, 5.0, 3.0, 1.0}) { sum = sum * square + 1 / divisor; }
    return exponent + 2.8853900817779268 * (s * sum);
}

void escape(const double (&real)[lanes], const double (&imaginary)[lanes], std::int64_t iterations, double (&result)[lanes])
{
    Orbit orbits[vectors];
    for (std::size_t lane = 0; lane < lanes; lane++) {
        Orbit &orbit = orbits[lane / width];
        orbit.cr[lane % width] = real[lane];
        orbit.ci[lane % width] = imaginary[lane];
        orbit.inside[lane % width] = is_in_large_parts(real[lane], imaginary[lane]) ? 0 : -1;
    }
    Mask trapped[vectors] = {~orbits[0].inside, ~orbits[1].inside};

    std::int64_t done = 0, next_mark = 2 * stride;
    while (done < iterations && any(orbits[0].inside | orbits[1].inside)) {
        const std::int64_t part = iterations - done < stride ? iterations - done : stride;
        for (std::int64_t n = 0; n < part; n++) {
            for (Orbit &orbit : orbits) { orbit.step(); }
        }
        done += part;
        for (std::size_t v = 0; v < vectors; v++) {
            const Mask repeats = orbits[v].repeats();
            trapped[v] |= repeats;
            orbits[v].inside &= ~repeats;
        }
        if (done >= next_mark) {
            next_mark *= 2;
            for (Orbit &orbit : orbits) {
                orbit.seen_r = orbit.zr;
                orbit.seen_i = orbit.zi;
            }
        }
    }

    for (std::size_t lane = 0; lane < lanes; lane++) {
        const Orbit &orbit = orbits[lane / width];
        const double r = orbit.zr[lane % width], i = orbit.zi[lane % width];
        const double square = r * r + i * i;
        const bool hasEscaped = trapped[lane / width][lane % width] == 0 && square > escape_square;
        // n + 1 - log2(log2 |z|), moved so that it is 0 for a point that is outside at once.
        result[lane] = hasEscaped ? orbit.count[lane % width] + 4 - log2_of(log2_of(square)) : -1;
    }
}

}  // namespace mandelbrot
