//! The process's metrics in Prometheus' text format.
//!
//! Code records with the `metrics` macros; only this module knows the exporter.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

/// Upper bounds, in seconds, of the buckets of every histogram whose name ends in `_seconds`.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// A handle to the process's metrics.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

/// Those of this process, once they are recorded.
static INSTALLED: OnceLock<Metrics> = OnceLock::new();

/// The exporter could not be set up, or another recorder is installed.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up metrics: {0}")]
pub struct MetricsError(#[from] BuildError);

impl Metrics {
    /// Installs the recorder for the whole process, once: a daemon that restarts within its process keeps using it.
    ///
    /// # Errors
    /// [`MetricsError`] when another recorder is already installed.
    pub fn install() -> Result<Self, MetricsError> {
        if let Some(installed) = INSTALLED.get() {
            return Ok(installed.clone());
        }
        let metrics = Self { handle: builder()?.install_recorder()? };
        Ok(INSTALLED.get_or_init(|| metrics).clone())
    }

    /// Returns the metrics as text.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Keeps the histograms' memory bounded until `cancel`; run it as a task.
    pub async fn upkeep(self, cancel: CancellationToken) {
        let mut tick = tokio::time::interval(Duration::from_secs(5));
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                _ = tick.tick() => self.handle.run_upkeep(),
            }
        }
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    use metrics_exporter_prometheus::Matcher;
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restarted_daemon_keeps_the_metrics_of_its_process() {
        let first = Metrics::install().expect("the first");
        ::metrics::counter!("gateway_turns_total").increment(1);
        let again = Metrics::install().expect("the same");
        assert!(again.render().contains("gateway_turns_total 1") && first.render() == again.render());
    }

    #[test]
    fn counters_and_histograms_appear_in_the_text() {
        let recorder = builder().expect("builder").build_recorder();
        let metrics = Metrics { handle: recorder.handle() };
        ::metrics::with_local_recorder(&recorder, || {
            ::metrics::counter!("gateway_blocks_total").increment(3);
            ::metrics::histogram!("gateway_call_seconds").record(0.003);
        });
        let text = metrics.render();
        assert!(text.contains("gateway_blocks_total 3"), "{text}");
        assert!(text.contains("gateway_call_seconds_bucket{le=\"0.005\"} 1"), "{text}");
    }
}
