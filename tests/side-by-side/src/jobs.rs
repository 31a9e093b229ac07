//! The jobs: scripts of `workers/vm/benches/jobs`, which the VM's own benchmarks run too, with their inputs.

/// A job.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// Its name in tables.
    pub(crate) name: &'static str,
    /// A script that defines `mainFunction`.
    pub(crate) code: &'static str,
    /// The input, a JSON text.
    pub(crate) input: String,
    /// Whether the code fetches.
    pub(crate) fetches: bool,
}

/// What stands in for `fetch` where there is none.
pub(crate) const MOCK_FETCH: &str = include_str!("../../../workers/vm/benches/jobs/mock-fetch.js");

/// The bodies that fetches are answered with, by URL.
pub(crate) fn responses() -> impl Iterator<Item = (String, String)> {
    (1..=3).map(|i| (format!("https://prices.example.com/{i}"), format!("{{\"price\":{}}}", 100 + i)))
}

/// Every job, the smallest first.
pub(crate) fn all() -> Vec<Job> {
    let items: Vec<_> = (0..900)
        .map(|i| serde_json::json!({ "id": i, "name": format!("item number {i}"), "price": i * 7919 % 1000 }))
        .collect();
    let document = serde_json::Value::from(items).to_string();
    let job =
        |name, code, input: serde_json::Value| Job { name, code, input: input.to_string(), fetches: false };
    vec![
        job("empty", include_str!("../../../workers/vm/benches/jobs/empty.js"), serde_json::Value::Null),
        job(
            "50 KB of JSON: parse, filter, sort",
            include_str!("../../../workers/vm/benches/jobs/json.js"),
            serde_json::json!({ "document": document }),
        ),
        job(
            "SHA-256 of 100 KB in JavaScript",
            include_str!("../../../workers/vm/benches/jobs/sha256.js"),
            serde_json::json!({ "length": 100_000 }),
        ),
        job(
            "256-bit modexp with BigInt",
            include_str!("../../../workers/vm/benches/jobs/modexp.js"),
            serde_json::json!({
                "base": format!("0x{}", "1f3d".repeat(16)),
                "exponent": format!("0x{}", "e5a7".repeat(16)),
                "modulus": format!("0x{}43", "f".repeat(62)),
            }),
        ),
        job(
            "regular expressions and strings",
            include_str!("../../../workers/vm/benches/jobs/strings.js"),
            serde_json::json!({ "users": 2_000 }),
        ),
        Job {
            fetches: true,
            ..job(
                "three mocked fetches",
                include_str!("../../../workers/vm/benches/jobs/fetches.js"),
                serde_json::Value::Null,
            )
        },
    ]
}
