//! Answers by the name of their case: recorded as JSON, one file for each chain.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

/// Every case's answer.
pub(crate) type Recorded = BTreeMap<String, Value>;

fn path(chain: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/real-chain/golden/{chain}.json"))
}

/// What is recorded of a chain.
pub(crate) fn recorded(chain: &str) -> Recorded {
    std::fs::read(path(chain)).map_or_else(|_| Recorded::new(), |text| serde_json::from_slice(&text).unwrap())
}

/// What a chain answers in this run.
pub(crate) struct Answers {
    chain: &'static str,
    found: Recorded,
}

impl Answers {
    pub(crate) fn new(chain: &'static str) -> Self {
        Self { chain, found: Recorded::new() }
    }

    /// Notes the answer of a case, whatever differs from run to run hidden.
    pub(crate) fn note(&mut self, case: &str, answer: Value) {
        let before = self.found.insert(case.to_owned(), crate::mask::mask(answer));
        assert!(before.is_none(), "{case} is there twice");
    }

    /// Compares with the record, or makes it.
    pub(crate) fn compare(self) {
        if std::env::var_os("REGENERATE_PARITY").is_some() {
            let mut text = serde_json::to_string_pretty(&self.found).unwrap();
            text.push('\n');
            std::fs::write(path(self.chain), text).unwrap();
            return;
        }
        let recorded = recorded(self.chain);
        for case in self.found.keys().chain(recorded.keys()) {
            let (found, expected) = (self.found.get(case), recorded.get(case));
            assert_eq!(found, expected, "{}: {case}", self.chain);
        }
    }
}
