//! The configurations to start from, generated from the configuration types: their keys in order, each with its documentation,
//! and the type's own defaults commented out with `#`. Only what has no default is written here: values set in a template, and
//! examples.

use gateway_chain::{ChainConfig, OutboxConfig};
use gateway_daemon_runtime::documented::{Documented, KeyDoc};
use gateway_global::GlobalConfig;
use gateway_http::{ApiKeyConfig, HttpConfig};
#[cfg(feature = "node")]
use gateway_node::{AccountSettings, CodeSettings, EngineSettings, NodeConfig, SecretSettings};
use gateway_relay::{PublishConfig, RelayConfig};
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::arguments::DaemonKind;
use crate::commands::CommandError;

/// Keys and values, as TOML.
type Values = &'static [(&'static str, &'static str)];

/// A table of a template.
struct Section {
    /// Its path, such as `account.outbox`; empty for the top.
    path: &'static str,
    /// Whether there may be several.
    several: bool,
    /// Whether all of it is commented out with `#`: its header alone would require keys that have no default.
    behind: bool,
    keys: &'static [KeyDoc],
    /// Keys that are set.
    set: Values,
    /// Examples for keys without a default.
    examples: Values,
    /// The type's defaults.
    defaults: Table,
}

/// The connection: set in every template.
const CHAIN: Values = &[
    ("rpc", "\"https://rpc.mainnet.archway.io\""),
    ("chain_id", "\"archway-1\""),
    ("contract", "\"\""),
    ("gas_price", "\"200000000000\""),
];
const CHAIN_EXAMPLES: Values =
    &[("websocket", "\"wss://rpc.mainnet.archway.io/websocket\""), ("max_gas_price", "\"2000000000000\"")];

/// Returns the template of a daemon.
///
/// # Errors
/// [`CommandError`] when a key has neither a default nor an example, [`toml::de::Error`] or [`toml::ser::Error`] when a type's
/// defaults have no such form: the tests find that.
pub(super) fn template(daemon: DaemonKind) -> Result<String, CommandError> {
    match daemon {
        DaemonKind::Relay => relay(),
        #[cfg(feature = "node")]
        DaemonKind::Node => node(),
        DaemonKind::Global => global(),
    }
}

fn relay() -> Result<String, CommandError> {
    let set: Values = &[
        ("listen", "\"127.0.0.1:7100\""),
        ("database", "\"sqlite:relay.db\""),
        ("key", "{ file = \"relay.key\" }"),
    ];
    let examples: Values = &[
        ("admin_listen", "\"127.0.0.1:7101\""),
        ("ui_rpc", "\"https://rpc.mainnet.archway.io\""),
        ("ui_global", "\"https://global.example.com\""),
    ];
    let mut sections = vec![top::<RelayConfig>(set, examples)?, chain()?];
    sections.push(optional("outbox", OutboxConfig::default())?);
    sections.push(optional("publish", PublishConfig::default())?);
    sections.extend([http()?, api_key("partner")?]);
    let spend = "\n# Most that the holder of an API key may spend a day, by the key's name.\n# [daily_spend]\n\
                 # partner = \"50000000000000000000\"\n";
    whole("A relay: receives requests and attestations, publishes results.", &sections)
        .map(|text| text + spend)
}

fn global() -> Result<String, CommandError> {
    let set: Values = &[
        ("listen", "\"127.0.0.1:7200\""),
        ("database", "\"sqlite:global.db\""),
        ("key", "{ file = \"global.key\" }"),
        ("code_dir", "\"code\""),
    ];
    let examples: Values = &[("admin_listen", "\"127.0.0.1:7201\"")];
    let mut sections = vec![top::<GlobalConfig>(set, examples)?, chain()?];
    sections.push(optional("outbox", OutboxConfig::default())?);
    sections.extend([http()?, api_key("developer")?]);
    whole("Global: settings and counter over HTTP, the code store, the keeper.", &sections)
}

#[cfg(feature = "node")]
fn node() -> Result<String, CommandError> {
    let set: Values = &[
        ("key", "{ file = \"node.vrf\" }"),
        ("relays", "[\"http://127.0.0.1:7100\"]"),
        ("database", "\"sqlite:node.db\""),
        ("listen", "\"127.0.0.1:7300\""),
    ];
    let examples: Values = &[("node", "1")];
    let code = Section {
        set: &[
            ("cache", "\"code-cache\""),
            ("stores", "[\"http://127.0.0.1:7200\"]"),
            ("allow_http_loopback", "true"),
        ],
        examples: &[("ipfs_gateways", "[\"https://trustless-gateway.link\"]")],
        ..section::<CodeSettings>("code", defaults::<CodeSettings>("cache = 'x'")?)
    };
    let engine = Section {
        set: &[("workers", "2"), ("sandbox", "\"strict\"")],
        ..optional("engine", EngineSettings::default())?
    };
    let secret = Section {
        several: true,
        behind: true,
        examples: &[
            ("project", "7"),
            ("name", "\"WEATHER\""),
            ("host", "\"api.example.com\""),
            ("value", "{ file = \"weather.key\" }"),
        ],
        ..section::<SecretSettings>("secrets", Table::new())
    };
    let account = Section {
        behind: true,
        examples: &[("key", "{ file = \"node.key\" }")],
        ..section::<AccountSettings>("account", defaults::<AccountSettings>("key = { file = 'x' }")?)
    };
    let outbox = Section { behind: true, ..optional("account.outbox", OutboxConfig::default())? };
    let sections = [top::<NodeConfig>(set, examples)?, secret, code, engine, chain()?, account, outbox];
    whole("A node: draws its seats, runs the projects' code, attests the outcome.", &sections)
}

fn section<T: Documented>(path: &'static str, defaults: Table) -> Section {
    Section { path, several: false, behind: false, keys: T::KEYS, set: &[], examples: &[], defaults }
}

/// Returns a table of which every key has a default.
fn optional<T: Documented + Serialize>(path: &'static str, config: T) -> Result<Section, CommandError> {
    Ok(section::<T>(path, Table::try_from(config)?))
}

/// Returns the defaults of a type, given the keys that have none.
fn defaults<T: DeserializeOwned + Serialize>(needed: &str) -> Result<Table, CommandError> {
    Ok(Table::try_from(toml::from_str::<T>(needed)?)?)
}

/// Returns the top of a daemon's configuration.
fn top<T: Documented + DeserializeOwned + Serialize>(
    set: Values,
    examples: Values,
) -> Result<Section, CommandError> {
    let lines =
        |values: Values| values.iter().map(|(key, value)| format!("{key} = {value}\n")).collect::<String>();
    let mut needed = lines(set) + "[chain]\n" + &lines(CHAIN);
    if T::KEYS.iter().any(|key| key.name == "code") {
        needed.push_str("[code]\ncache = 'x'\n");
    }
    Ok(Section { set, examples, ..section::<T>("", defaults::<T>(&needed)?) })
}

fn chain() -> Result<Section, CommandError> {
    let defaults = Table::try_from(ChainConfig::new("https://rpc.mainnet.archway.io", "archway-1", ""))?;
    Ok(Section { set: CHAIN, examples: CHAIN_EXAMPLES, ..section::<ChainConfig>("chain", defaults) })
}

fn http() -> Result<Section, CommandError> {
    let examples: Values =
        &[("trusted_proxies", "[\"127.0.0.1\"]"), ("cors_origins", "[\"https://app.example\"]")];
    Ok(Section { examples, ..optional("http", HttpConfig::default())? })
}

fn api_key(holder: &str) -> Result<Section, CommandError> {
    let examples: Values = match holder {
        "partner" => &[("name", "\"partner\""), ("secret", "{ file = \"partner.api-key\" }")],
        _ => &[("name", "\"developer\""), ("secret", "{ file = \"developer.api-key\" }")],
    };
    let defaults = defaults::<ApiKeyConfig>("name = 'x'\nsecret = { file = 'x' }")?;
    Ok(Section { several: true, behind: true, examples, ..section::<ApiKeyConfig>("api_keys", defaults) })
}

/// Returns the text of a template.
fn whole(about: &str, sections: &[Section]) -> Result<String, CommandError> {
    let mut out = format!(
        "# {about}\n# Every key may also be set in the environment: GATEWAY_CHAIN__RPC sets chain.rpc. Keys behind # show \
         their defaults or an\n# example. This file was made from the program's own types.\n"
    );
    let tables: Vec<&str> = sections.iter().map(|section| section.path).collect();
    for section in sections {
        write(&mut out, section, sections, &tables)?;
    }
    Ok(out)
}

fn write(out: &mut String, section: &Section, all: &[Section], tables: &[&str]) -> Result<(), CommandError> {
    let Section { path, several, behind, keys, .. } = section;
    if !path.is_empty() {
        out.push('\n');
        comment(out, about(path, all).into_iter());
        let head = if *several { format!("[[{path}]]") } else { format!("[{path}]") };
        out.push_str(&format!("{}{head}\n", if *behind { "# " } else { "" }));
    }
    for key in *keys {
        let name = key.name;
        let below = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        // A separate table, or one without fixed keys.
        if tables.contains(&below.as_str()) || below == "daily_spend" {
            continue;
        }
        comment(out, key.lines());
        out.push_str(&line(section, name)?);
        out.push('\n');
    }
    Ok(())
}

/// Formats a key with its value: the set one, otherwise an example or the default, commented out with `#`.
fn line(section: &Section, name: &str) -> Result<String, CommandError> {
    let find = |values: Values| values.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    if let Some(value) = find(section.set) {
        return Ok(format!("{name} = {value}"));
    }
    let default = || section.defaults.get(name).map(Value::to_string);
    let value = find(section.examples).map(str::to_owned).or_else(default);
    let value = value.ok_or_else(|| format!("{}.{name} has neither default nor example", section.path))?;
    Ok(format!("# {name} = {value}"))
}

/// Returns the documentation of the key whose value is a table.
fn about(path: &str, all: &[Section]) -> Vec<&'static str> {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let keys = all.iter().find(|section| section.path == parent).map_or(&[][..], |section| section.keys);
    keys.iter().find(|key| key.name == name).map(|key| key.lines().collect()).unwrap_or_default()
}

fn comment<'a>(out: &mut String, lines: impl Iterator<Item = &'a str>) {
    for line in lines {
        out.push_str(&format!("# {line}\n"));
    }
}
