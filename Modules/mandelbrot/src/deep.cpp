#include "deep.hpp"

#include "fixed.hpp"

#include <cstdlib>
#include <cstring>

namespace mandelbrot {

namespace {

typedef double Vector __attribute__((vector_size(32)));
typedef std::int64_t Mask __attribute__((vector_size(32)));

constexpr std::size_t width = 4;
constexpr double escape_square = 65536;

/// The way is kept whole, 16 bytes a step.
constexpr std::int64_t most_iterations = 5000000;

/// Four points on their way: how far each is from the middle's point number `step`.
struct Strays {
    Vector cr, ci;
    Vector dr{}, di{};
    Vector zr{}, zi{};
    Vector end_square{};
    Vector count{};
    Mask step{};
    Mask inside;
};

bool any(const Mask &mask) { return (mask[0] | mask[1] | mask[2] | mask[3]) != 0; }

/// Words behind the point that a picture needs: the bits of its size, and 96 that keep the errors of the way small.
std::size_t places_of(double radius)
{
    const double bits = log2_of(radius < 0.5 ? 1 / radius : 2) + 96;
    const auto places = static_cast<std::size_t>(bits / 32) + 1;
    return places < Fixed::most_places ? places : Fixed::most_places;
}

}  // namespace

Reference::~Reference() { std::free(points); }

const char *Reference::follow(const char *text, double x, double y, double radius, std::int64_t iterations)
{
    if (iterations > most_iterations) { return "at this depth there are at most 5 million iterations"; }
    const std::size_t places = places_of(radius);
    Fixed cr(places), ci(places), zr(places), zi(places);
    const char *const comma = std::strchr(text, ',');
    if (*text == '\0') {
        cr.set(x);
        ci.set(y);
    } else if (comma == nullptr || !cr.read(text, comma) || !ci.read(comma + 1, comma + std::strlen(comma))) {
        return "the center is not two decimal numbers below 4 with a comma between them";
    }
    points = static_cast<Point *>(std::malloc(static_cast<std::size_t>(iterations + 1) * sizeof *points));
    if (points == nullptr) { return "no memory for the way of the middle; ask for fewer iterations"; }
    points[0] = Point{0, 0};
    for (count = 1; count <= iterations; count++) {
        const Fixed product = zr * zi;
        zr = zr * zr - zi * zi + cr;
        zi = product + product + ci;
        const Point point{zr.real(), zi.real()};
        points[count] = point;
        if (point.real * point.real + point.imaginary * point.imaginary > escape_square) {
            return ++count, nullptr;
        }
    }
    return nullptr;
}

double Reference::common_steps(double radius, std::int64_t iterations) const
{
    const double real[lanes] = {-radius, 0, radius, radius, radius, 0, -radius, -radius};
    const double imaginary[lanes] = {radius, radius, radius, 0, -radius, -radius, -radius, 0};
    double smooth[lanes], least = -1;
    escape(real, imaginary, iterations, smooth);
    for (const double each : smooth) { least = each >= 0 && (least < 0 || each < least) ? each : least; }
    return least < 0 ? 0 : least;
}

void Reference::escape(
    const double (&real)[lanes], const double (&imaginary)[lanes], std::int64_t iterations, double (&result)[lanes]) const
{
    for (std::size_t first = 0; first < lanes; first += width) {
        Strays all{};
        all.inside = ~all.step;
        for (std::size_t lane = 0; lane < width; lane++) {
            all.cr[lane] = real[first + lane];
            all.ci[lane] = imaginary[first + lane];
        }
        const std::int64_t last = count - 1;
        for (std::int64_t done = 0; done < iterations && any(all.inside); done++) {
            // With z + d in place of z: d -> (2 z + d) d + c.
            const Vector ar = all.zr + all.zr + all.dr, ai = all.zi + all.zi + all.di;
            const Vector dr = ar * all.dr - ai * all.di + all.cr, di = ar * all.di + ai * all.dr + all.ci;
            all.step += 1;
            Vector zr, zi;
            for (std::size_t lane = 0; lane < width; lane++) {
                const Point &point = points[all.step[lane]];
                zr[lane] = point.real;
                zi[lane] = point.imaginary;
            }
            const Vector sum_r = zr + dr, sum_i = zi + di;
            const Vector square = sum_r * sum_r + sum_i * sum_i;
            // Nearer to zero, where the way begins, than to the way, or at the way's end: from its beginning on.
            const Mask anew = (square < dr * dr + di * di) | (all.step == last);
            all.dr = anew ? sum_r : dr;
            all.di = anew ? sum_i : di;
            all.zr = anew ? Vector{} : zr;
            all.zi = anew ? Vector{} : zi;
            all.step = anew ? Mask{} : all.step;
            all.end_square = all.inside ? square : all.end_square;
            all.count += all.inside ? Vector{1, 1, 1, 1} : Vector{};
            all.inside &= square <= escape_square;
        }
        for (std::size_t lane = 0; lane < width; lane++) {
            const double square = all.end_square[lane];
            const double smooth = all.count[lane] + 4 - log2_of(log2_of(square > 4 ? square : 4)) - left_out;
            result[first + lane] = square <= escape_square ? -1 : smooth < 0 ? 0 : smooth;
        }
    }
}

}  // namespace mandelbrot
