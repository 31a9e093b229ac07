//! Preimages, the verifiable draw, seats and quorum arithmetic, computed alike everywhere.
