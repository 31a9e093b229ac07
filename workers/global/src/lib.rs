//! Global: settings and counter over HTTP, the code store, and the crank that moves rounds and epochs.
