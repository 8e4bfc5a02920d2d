// Places so deep that the numbers of their points differ far behind a double's last bit: the way of one point, the picture's middle, is
// computed with many places, and those of all others by how far they are from it (K. I. Martin, 2013; with Zhuoran's way of starting
// anew, 2021).
#pragma once

#include "points.hpp"

namespace mandelbrot {

/// The way of the middle.
class Reference {
public:
    Reference() = default;
    Reference(const Reference &) = delete;
    Reference &operator=(const Reference &) = delete;
    ~Reference();

    /// Follows the point that `text` names, two decimal numbers with a comma, or x and y when it is empty, until it escapes or for
    /// `iterations` steps.
    /// The picture reaches `radius` to each side. Gives what is wrong, or null.
    const char *follow(const char *text, double x, double y, double radius, std::int64_t iterations);

    /// Leaves these steps out of what `escape` tells: deep down most are common to all points, and would leave nothing to tell by colours.
    void leave_out(double steps) { left_out = steps; }

    /// About how many steps all points of the picture have in common, by those on its border.
    double common_steps(double radius, std::int64_t iterations) const;

    /// As `escape` of points.hpp, for points so far from the middle.
    void escape(const double (&real)[lanes], const double (&imaginary)[lanes], std::int64_t iterations, double (&result)[lanes]) const;

private:
    struct Point {
        double real, imaginary;
    };
    Point *points = nullptr;
    std::int64_t count = 0;
    double left_out = 0;
};

}  // namespace mandelbrot
