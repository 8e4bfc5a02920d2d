import Glibc

/// What an option is worth in Black and Scholes's model.
struct ClosedForm {
    var spot, strike, rate, volatility, years: Double
    var isPut: Bool

    /// The price of a European option; or, with `steps`, of one on the geometric mean of so many evenly spaced prices (Kemna and Vorst).
    func price(steps: Int?) -> Double {
        let drift = rate - volatility * volatility / 2
        var mean = log(spot) + drift * years
        var variance = volatility * volatility * years
        if let steps {
            let (count, step) = (Double(steps), years / Double(steps))
            mean = log(spot) + drift * step * (count + 1) / 2
            variance = volatility * volatility * step * (count + 1) * (2 * count + 1) / (6 * count)
        }
        let sign = isPut ? -1.0 : 1.0
        let below = (mean - log(strike)) / variance.squareRoot(), above = below + variance.squareRoot()
        let forward = exp(mean + variance / 2)
        return exp(-rate * years) * sign * (forward * normal(sign * above) - strike * normal(sign * below))
    }

    private func normal(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
}
