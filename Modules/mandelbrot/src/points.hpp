// How fast points of the plane escape from z -> z^2 + c.
//
// The same input gives the same bits on every processor: only additions, subtractions, multiplications and comparisons, none contracted
// into a fused one, and no function of the C library, whose versions differ in the last bit.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mandelbrot {

/// log2(x) for normal x > 0, to about 1e-9.
double log2_of(double x);

/// Points that are computed side by side.
constexpr std::size_t lanes = 8;

/// For `lanes` points: the smooth number of iterations until each is farther than 256 from the origin, or a negative number for a point that
/// is still inside after `iterations`. What a point gets does not depend on its neighbours.
void escape(const double (&real)[lanes], const double (&imaginary)[lanes], std::int64_t iterations, double (&result)[lanes]);

}  // namespace mandelbrot
