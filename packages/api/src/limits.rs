//! Hard caps that no setting can exceed, each with its reason.

/// Largest code a project may pin, bytes: what a worker compiles in well under its CPU limit.
pub const MAX_CODE_BYTES: u32 = 1 << 20;
/// Largest request input, bytes: it is stored on the chain until the request ends.
pub const MAX_INPUT_BYTES: u32 = 16 << 10;
/// Largest result that settings may keep inline on the chain, bytes: it is stored for ever, and its publisher pays about 30 gas
/// a byte. A larger one is published by its hash.
pub const MAX_INLINE_RESULT_BYTES: u32 = 64 << 10;
/// Least that settings may keep inline, bytes: a result that is made of several values always is, since no node holds its body.
pub const MIN_INLINE_RESULT_BYTES: u32 = MAX_COMPARED_BYTES;
/// Largest body a result may have at all, bytes, inline or by hash: relays keep bodies for ever and serve them whole.
pub const MAX_RESULT_BYTES: u32 = 1 << 20;
/// Largest value one attestation opens under the `median` rule, bytes: the values of all attestations are in one publication.
pub const MAX_VALUE_BYTES: u32 = 64;
/// Largest value one attestation opens under the rules `median_fields` and `mode`, bytes: those of all attestations are in one
/// publication, which costs about 30 gas a byte.
pub const MAX_COMPARED_BYTES: u32 = 1024;
/// Most fields of which the rule `median_fields` takes a median: each is looked for in the value of every attestation.
pub const MAX_MEDIAN_FIELDS: usize = 8;
/// Longest path of such a field, bytes.
pub const MAX_PATH_BYTES: usize = 64;
/// Most keys of such a path.
pub const MAX_PATH_KEYS: usize = 8;
/// Most gas a callback may be given, SDK gas: half a percent of a block.
pub const MAX_CALLBACK_GAS: u64 = 1_500_000;
/// Most units one node may hold: bounds the seat hashes of one attestation.
pub const MAX_UNITS: u32 = 64;
/// Largest expected committee (τ): bounds the proofs of one publication.
pub const MAX_COMMITTEE: u32 = 101;
/// Smallest expected committee: below it one operator decides.
pub const MIN_COMMITTEE: u32 = 1;
/// Most operators that a quorum may have to come from: below a third of [`MAX_COMMITTEE`], or most draws could not meet it.
pub const MAX_OPERATORS: u16 = 32;
/// Most attestations one publication may carry: the committee of the last attempt, saturated.
pub const MAX_ATTESTATIONS: usize = 512;
/// Most requests in one message; gas binds earlier.
pub const MAX_REQUESTS: usize = 100;
/// Longest halt of results, blocks: a day of blocks of 4 seconds.
pub const MAX_HALT_BLOCKS: u64 = 20_000;
/// Operators whose tickets make the seed of a beacon draw: a proposer that grinds a round's time needs all of them.
pub const BEACON_TICKETS: usize = 7;
/// Blocks after a round in which tickets for it are taken: a proposer cannot keep others' tickets out of all of them.
pub const BEACON_BLOCKS: u64 = 3;
/// Blocks after a round at which the tickets there are have to do, few or none.
pub const BEACON_FALLBACK_BLOCKS: u64 = 10;
/// Most tickets in one message: each costs one proof's verification.
pub const MAX_TICKETS: usize = 32;
/// Most consumers of a subscription: read with each of its requests.
pub const MAX_CONSUMERS: usize = 32;
/// Most projects that a consumer's limits may name: read with each of its requests.
pub const MAX_CONSUMER_PROJECTS: usize = 16;
/// Longest time from one firing of a schedule to the next, and until its first, blocks.
pub const MAX_SCHEDULE_BLOCKS: u64 = 10_000_000;
/// Most publications in one message; gas binds earlier.
pub const MAX_PUBLICATIONS: usize = 256;
/// Longest list a query returns: a node bounds the gas of a query; [`MAX_PAGE_BYTES`] bounds its bytes.
pub const MAX_PAGE: u32 = 100;
/// Bytes of JSON after which a page ends. Reading and answering a byte takes about 5 gas, a node grants a query 3,000,000,
/// and one entry, an input of 16 KiB that is all escapes, takes up to 100,000 bytes more.
pub const MAX_PAGE_BYTES: usize = 128 << 10;
/// List length where the query names none: a page for people.
pub const DEFAULT_PAGE: u32 = 30;
/// Most places a code reference may name: a node tries each before it abstains, within the time of one attempt.
pub const MAX_SOURCES: usize = 8;
/// Longest URL, path or CID in a code reference, bytes: versions are stored for ever.
pub const MAX_SOURCE_BYTES: usize = 512;
/// Most hosts a policy may summarise: it is read with every request; the code's manifest is what binds.
pub const MAX_HOSTS: usize = 16;
/// Longest wall limit of one run, milliseconds: a longer one would hold a worker while attempts of other requests pass.
pub const MAX_WALL_MS: u32 = 60_000;
/// Longest life of a request, blocks, four and a half days of blocks of 4 seconds: stake and keys of its draw wait until its end.
pub const MAX_TTL_BLOCKS: u64 = 100_000;
/// Number of attempts of one draw: the threshold and the quorum double from each to the next.
pub const ATTEMPTS: u8 = 3;
/// Epochs from a key's registration to its first draw, so that nobody can choose a key after seeing the seed.
pub const ACTIVATION_EPOCHS: u64 = 2;
/// Most epochs from an engine's announcement to its first: what is announced longer before is announced anew.
pub const MAX_ENGINE_EPOCHS: u64 = 1000;
/// Most engines a node may declare: its units are counted for each.
pub const MAX_NODE_ENGINES: usize = 4;
/// Most secrets of a project: a node reads those that are sealed to it before it runs the project's code.
pub const MAX_SECRETS: usize = 32;
/// Most nodes that a secret is sealed to: their ciphertexts are in one message.
pub const MAX_SEALED_NODES: usize = 128;
/// Shortest ciphertext of a value, bytes: an encapsulated key of 32, a value padded to 64, a tag of 16.
pub const MIN_SEALED_BYTES: usize = 112;
/// Longest ciphertext of a value, bytes: it is stored on the chain for each node.
pub const MAX_SEALED_BYTES: usize = 2160;
/// Times that others than the requester may retry a failed callback: each costs only them, and a callback that always fails
/// cannot be run without end.
pub const MAX_CALLBACK_RETRIES: u8 = 3;
/// Blocks between two attempts at a callback by others than the requester, so that nobody uses up the retries in one
/// transaction.
pub const CALLBACK_COOLDOWN_BLOCKS: u64 = 10;
/// Basis points in one.
pub const BPS: u16 = 10_000;

/// Most requests that one sweep may end: the chain gives it little gas.
pub const MAX_SWEEP_REQUESTS: u32 = 10;
/// Fewest expected seats of a node in an epoch for a report of silence: below it, chance alone may leave a node out.
pub const MIN_EXPECTED_SEATS: u64 = 200;
/// Most addresses a project may list as its requesters: read with every request.
pub const MAX_REQUESTERS: usize = 64;
/// Most withdrawals of stake that a node may have under way: read with every verification.
pub const MAX_UNBONDINGS: usize = 8;
/// Most outcomes that may collect attestations for one request: each tally is stored. Opening one takes a seat of the draw.
pub const MAX_TALLIES: usize = 16;
