//! The projects in `examples`, as they are registered on a local network.

use gateway_api::{CodeHash, CodeRef, CodeSource, Policy};
use sha2::{Digest, Sha256};

/// A project to register: code, name and policy.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Its JavaScript.
    pub code: String,
    /// What it demands of the committee.
    pub policy: Policy,
}

impl Project {
    /// Creates a project with the default policy and a wall limit suited to fast blocks.
    #[must_use]
    pub fn new(name: &str, description: &str, code: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: description.to_owned(),
            code: code.to_owned(),
            policy: Policy { wall_ms: 2_000, ..Policy::default() },
        }
    }

    /// Returns the same project under another policy.
    #[must_use]
    pub fn with_policy(mut self, change: impl FnOnce(&mut Policy)) -> Self {
        change(&mut self.policy);
        self
    }

    /// Returns the reference to its code in global's code store.
    #[must_use]
    pub fn code_ref(&self) -> CodeRef {
        CodeRef {
            sha256: CodeHash(Sha256::digest(self.code.as_bytes()).into()),
            size: u32::try_from(self.code.len()).unwrap_or(u32::MAX),
            sources: vec![CodeSource::Store {}],
        }
    }
}

/// The projects in `examples`.
pub mod example {
    use super::Project;

    /// Returns a project that adds two numbers; written in the convention of the predecessor (`mainFunction`).
    #[must_use]
    pub fn addition() -> Project {
        Project::new("addition", "Adds two numbers.", include_str!("../../../examples/addition.js"))
    }

    /// Returns a project that computes the area of a circle; written in the convention of the predecessor (`mainFunction`).
    #[must_use]
    pub fn circle_area() -> Project {
        Project::new("circle area", "The area of a circle.", include_str!("../../../examples/circle-area.js"))
    }

    /// Returns a project that parses a JSON document and reduces it; an ES module.
    #[must_use]
    pub fn json_reduce() -> Project {
        Project::new(
            "json reduce",
            "Reduces a JSON document.",
            include_str!("../../../examples/json-reduce.js"),
        )
    }
}
