//! A linear estimate that learns: recursive least squares with a prior (a Kalman filter whose state does not move).
//!
//! `y = φ·θ + noise`. The prior says what θ probably is and how sure that is; each observation corrects θ where the prior
//! was unsure. Source: S. Haykin, Adaptive Filter Theory, chapter on recursive least squares.

/// Estimates of `N` coefficients and how sure they are.
#[derive(Clone, Debug)]
pub(super) struct Estimator<const N: usize> {
    coefficients: [f64; N],
    /// Covariance of the coefficients, symmetric.
    covariance: [[f64; N]; N],
}

impl<const N: usize> Estimator<N> {
    /// Starts from a prior: means and standard deviations.
    pub(super) fn new(means: [f64; N], deviations: [f64; N]) -> Self {
        let mut covariance = [[0.0; N]; N];
        for (i, row) in covariance.iter_mut().enumerate() {
            row[i] = deviations[i] * deviations[i];
        }
        Self { coefficients: means, covariance }
    }

    /// The expected value for these features, and its variance.
    pub(super) fn estimate(&self, features: &[f64; N]) -> (f64, f64) {
        let spread = self.spread(features);
        (dot(&self.coefficients, features), dot(&spread, features).max(0.0))
    }

    /// Takes an observation whose own variance is `noise`.
    pub(super) fn learn(&mut self, features: &[f64; N], observed: f64, noise: f64) {
        let spread = self.spread(features);
        let total = dot(&spread, features) + noise;
        if !(total.is_finite() && total > 0.0) {
            return;
        }
        let error = observed - dot(&self.coefficients, features);
        for i in 0..N {
            self.coefficients[i] = (self.coefficients[i] + spread[i] / total * error).max(0.0);
            for j in 0..N {
                self.covariance[i][j] -= spread[i] * spread[j] / total;
            }
        }
    }

    /// Becomes a little less sure, so that what the chain changes is learned too. Never less sure than `deviations`.
    pub(super) fn forget(&mut self, by: f64, deviations: &[f64; N]) {
        for (i, row) in self.covariance.iter_mut().enumerate() {
            let most = deviations[i] * deviations[i];
            row[i] = (row[i] + most * by).min(most.max(row[i]));
        }
    }

    fn spread(&self, features: &[f64; N]) -> [f64; N] {
        std::array::from_fn(|i| dot(&self.covariance[i], features))
    }
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_found_from_mixed_observations() {
        let prior = [150.0, 10.0, 3.0];
        let mut estimator = Estimator::new(prior, [60.0, 5.0, 2.0]);
        for n in 0..60 {
            let features = [1.0, f64::from(n % 7), f64::from(n * n % 11)];
            estimator.learn(&features, 100.0 + 14.0 * features[1] + 2.0 * features[2], 1.0);
        }
        let (value, variance) = estimator.estimate(&[1.0, 20.0, 5.0]);
        assert!((value - 390.0).abs() < 4.0 && variance < 4.0, "{value} ± {variance}");
    }
}
