// Numbers with many binary places, for what a double cannot tell apart.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mandelbrot {

/// A number between -2^31 and 2^31 with up to 35 words of 32 bits behind the point. Only numbers of the same `places` are computed with
/// each other.
class Fixed {
public:
    static constexpr std::size_t most_places = 35;

    explicit Fixed(std::size_t places) : places(places) {}

    /// Reads decimal digits such as -0.7436438870371587; false for anything else, or a number of 4 or more.
    bool read(const char *text, const char *end);

    /// Sets it to a double, the bits that have no place cut off.
    void set(double value);

    double real() const;

    Fixed operator+(const Fixed &other) const;
    Fixed operator-(const Fixed &other) const { return *this + (-other); }
    Fixed operator*(const Fixed &other) const;
    Fixed operator-() const;

private:
    std::size_t places;
    bool is_negative = false;
    /// The highest first: word 0 is before the point.
    std::uint32_t words[most_places + 1] = {};

    void divide(std::uint32_t divisor);
};

}  // namespace mandelbrot
