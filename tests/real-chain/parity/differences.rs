//! Where the devchain answers otherwise on purpose, and why.

const GO_TEXT: &str = "the text is that of Go's decoder; nobody acts on it";
const UNSIGNED: &str = "the devchain has nobody to convince, so it signs no block";
const SOURCE_LINE: &str = "a real node names the line of its own source, which changes with every release";

/// A case and the reason.
pub(crate) const MEANT: &[(&str, &str)] = &[
    ("block at a height: no number", GO_TEXT),
    ("block by a number", UNSIGNED),
    ("block with a transaction", UNSIGNED),
    ("block without transactions", UNSIGNED),
    ("block_results at a height: no number", GO_TEXT),
    ("body no JSON", GO_TEXT),
    ("body parameters by position", "our clients name their parameters"),
    ("commit at a height: no number", GO_TEXT),
    ("failed: contract answers nonsense", "wasmd stops with a Go panic, whose stack is no answer to imitate"),
    (
        "failed: message that is not JSON",
        "refused a block later: the devchain does not look into messages before their block",
    ),
    ("method block", UNSIGNED),
    ("method commit", UNSIGNED),
    ("method status", "each node has its own name"),
    ("query account no address", "the text is that of another bech32 library"),
    ("query data no hex", GO_TEXT),
    ("query nonsense", GO_TEXT),
    ("refused: fee below the least price", "the devchain speaks as Archway's x/rewards does, not as the SDK"),
    ("refused: fee of nothing", "the devchain speaks as Archway's x/rewards does, not as the SDK"),
    ("refused: message without fields", "the code is that of a check that the devchain makes elsewhere"),
    ("refused: no transaction", GO_TEXT),
    ("refused: too little gas for the checks", "the SDK reads its parameters first; the code is the same"),
    ("refused: tx without base64", GO_TEXT),
    ("simulate: contract says no", SOURCE_LINE),
    ("simulate: fee beyond the balance", SOURCE_LINE),
    ("simulate: more coins than there are", SOURCE_LINE),
    ("simulate: no such contract", SOURCE_LINE),
    ("simulate: sequence ahead", SOURCE_LINE),
    ("simulate: timed out before the last block", SOURCE_LINE),
    ("smart no address", "the text is that of another bech32 library"),
    ("subscribe to nonsense", GO_TEXT),
    ("tx by hex in JSON", GO_TEXT),
    ("tx_search without a query", GO_TEXT),
    ("tx_search wrong query", GO_TEXT),
];
