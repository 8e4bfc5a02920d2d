#include "fixed.hpp"

namespace mandelbrot {

void Fixed::divide(std::uint32_t divisor)
{
    std::uint64_t rest = 0;
    for (std::size_t i = 0; i <= places; i++) {
        rest = rest << 32 | words[i];
        words[i] = static_cast<std::uint32_t>(rest / divisor);
        rest %= divisor;
    }
}

bool Fixed::read(const char *text, const char *end)
{
    *this = Fixed(places);
    const bool has_sign = text < end && (*text == '-' || *text == '+');
    const char *at = text + has_sign;
    std::uint32_t whole = 0;
    const char *const first = at;
    for (; at < end && *at >= '0' && *at <= '9' && whole < 4; at++) { whole = 10 * whole + static_cast<std::uint32_t>(*at - '0'); }
    if (at == first || whole >= 4) { return false; }
    if (at < end) {
        if (*at != '.') { return false; }
        // From the last digit to the first: each is put before the point, and a division by ten moves all one place down.
        for (const char *digit = end; --digit > at;) {
            if (*digit < '0' || *digit > '9') { return false; }
            words[0] += static_cast<std::uint32_t>(*digit - '0');
            divide(10);
        }
    }
    words[0] += whole;
    is_negative = has_sign && *text == '-';
    return true;
}

void Fixed::set(double value)
{
    *this = Fixed(places);
    is_negative = value < 0;
    double rest = is_negative ? -value : value;
    for (std::size_t i = 0; i <= places; i++) {
        words[i] = static_cast<std::uint32_t>(rest);
        rest = (rest - words[i]) * 4294967296.0;
    }
}

/// The highest words that are not zero hold more bits than a double.
double Fixed::real() const
{
    double value = 0, scale = 1;
    std::size_t first = 0;
    while (first < places && words[first] == 0) { first++; }
    const std::size_t last = first + 3 < places ? first + 3 : places;
    for (std::size_t i = last + 1; i-- > first;) { value = value / 4294967296.0 + words[i]; }
    for (std::size_t i = 0; i < first; i++) { scale /= 4294967296.0; }
    return (is_negative ? -value : value) * scale;
}

Fixed Fixed::operator-() const
{
    Fixed result = *this;
    result.is_negative = !is_negative;
    return result;
}

Fixed Fixed::operator+(const Fixed &other) const
{
    // The one that is farther from zero gives the sign.
    std::size_t first = 0;
    while (first < places && words[first] == other.words[first]) { first++; }
    const bool is_larger = words[first] >= other.words[first];
    Fixed result = is_larger ? *this : other;
    const Fixed &smaller = is_larger ? other : *this;
    const bool adds = is_negative == other.is_negative;
    std::int64_t carry = 0;
    for (std::size_t i = places + 1; i-- > 0;) {
        const std::int64_t each = adds ? static_cast<std::int64_t>(smaller.words[i]) : -static_cast<std::int64_t>(smaller.words[i]);
        const std::int64_t sum = static_cast<std::int64_t>(result.words[i]) + each + carry;
        result.words[i] = static_cast<std::uint32_t>(sum);
        carry = sum >> 32;
    }
    return result;
}

/// By columns, from the lowest; what lies behind the last place is computed for one word more, so that its carry is not lost.
Fixed Fixed::operator*(const Fixed &other) const
{
    Fixed result(places);
    unsigned __int128 sum = 0;
    for (std::size_t column = places + 2; column-- > 0;) {
        const std::size_t first = column > places ? column - places : 0, last = column < places ? column : places;
        for (std::size_t i = first; i <= last; i++) { sum += static_cast<std::uint64_t>(words[i]) * other.words[column - i]; }
        if (column <= places) { result.words[column] = static_cast<std::uint32_t>(sum); }
        sum >>= 32;
    }
    result.is_negative = is_negative != other.is_negative;
    return result;
}

}  // namespace mandelbrot
