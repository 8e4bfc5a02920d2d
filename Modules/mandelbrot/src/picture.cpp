#include "picture.hpp"

#include "points.hpp"

namespace mandelbrot {

namespace {

/// The dots of a row that are computed together, so that their points fill the lanes whatever `samples` is.
constexpr std::int64_t batch = 8;

struct Sum {
    unsigned red, green, blue;
};

}  // namespace

void Picture::draw(std::int64_t row, const Palette &palette, std::uint8_t *bytes) const
{
    const double dot = this->dot(), step = dot / static_cast<double>(samples);
    // Deep down, places are told from the middle.
    const double left = (reference == nullptr ? center_x : 0) - dot * 0.5 * static_cast<double>(width) + step * 0.5;
    const double top = (reference == nullptr ? center_y : 0) + dot * 0.5 * static_cast<double>(height) - step * 0.5;
    const unsigned points = static_cast<unsigned>(samples * samples);

    for (std::int64_t first = 0; first < width; first += batch) {
        Sum sums[batch] = {};
        for (std::int64_t part = 0; part < samples * samples; part++) {
            double x[lanes], y[lanes], smooth[lanes];
            for (std::int64_t n = 0; n < batch; n++) {
                x[n] = left + static_cast<double>((first + n) * samples + part % samples) * step;
                y[n] = top - static_cast<double>(row * samples + part / samples) * step;
            }
            if (reference == nullptr) {
                escape(x, y, iterations, smooth);
            } else {
                reference->escape(x, y, iterations, smooth);
            }
            for (std::int64_t n = 0; n < batch; n++) {
                const Colour colour = palette.colour(smooth[n]);
                sums[n].red += colour.red;
                sums[n].green += colour.green;
                sums[n].blue += colour.blue;
            }
        }
        for (std::int64_t n = 0; n < batch && first + n < width; n++) {
            std::uint8_t *const place = bytes + 3 * (first + n);
            place[0] = static_cast<std::uint8_t>((sums[n].red + points / 2) / points);
            place[1] = static_cast<std::uint8_t>((sums[n].green + points / 2) / points);
            place[2] = static_cast<std::uint8_t>((sums[n].blue + points / 2) / points);
        }
    }
}

}  // namespace mandelbrot
