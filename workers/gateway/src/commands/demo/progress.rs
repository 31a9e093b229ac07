//! What a person sees while the demo runs: finished steps as lines, the current one with a spinner.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

/// The steps so far. Clones show the same steps.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    spinner: ProgressBar,
    current: Arc<Mutex<Option<(String, Instant)>>>,
}

impl Progress {
    /// Creates a spinner on a terminal, plain lines elsewhere.
    pub(crate) fn new() -> Self {
        let spinner = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            spinner.set_style(style);
        }
        Self { spinner, current: Arc::default() }
    }

    /// Ends the current step and begins the next.
    pub(crate) fn begin(&self, step: &str) {
        self.finish();
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((step.to_owned(), Instant::now()));
        self.spinner.set_message(step.to_owned());
        self.spinner.enable_steady_tick(Duration::from_millis(120));
    }

    /// Ends the current step.
    pub(crate) fn finish(&self) {
        let ended = self.current.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((step, began)) = ended {
            self.spinner.disable_steady_tick();
            self.spinner.set_message("");
            let took = began.elapsed();
            let took = if took.as_secs() < 60 {
                format!("{:.1} s", took.as_secs_f32())
            } else {
                HumanDuration(took).to_string()
            };
            self.say(&format!("✓ {step} ({took})"));
        }
    }

    /// Prints a line without ending the current step.
    pub(crate) fn say(&self, line: &str) {
        if std::io::stderr().is_terminal() {
            self.spinner.suspend(|| print(line));
        } else {
            print(line);
        }
    }
}

/// Prints a line. A reader that has gone away is no reason to fail.
fn print(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
