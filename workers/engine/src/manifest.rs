//! The manifest: the permissions that code asks for, written in the code itself and so covered by its hash.
//!
//! It is a comment before the first statement: `/* gateway-manifest {"hosts": ["api.example.com", "*.example.org"]} */`.
//! Code without one has no network.

use std::borrow::Cow;
use std::collections::BTreeMap;

use gateway_vm_protocol::Limits;
use serde::{Deserialize, Serialize};
use url::Host;

/// The word a manifest comment starts with.
const MARK: &str = "gateway-manifest";

/// Most hosts a manifest may list.
const MAX_HOSTS: usize = 32;

/// Least `array_buffer_bytes`: the isolate takes some before any code runs.
const MIN_ARRAY_BUFFER_BYTES: u32 = 4 << 10;

/// Why a manifest cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It is not JSON of the right form.
    #[error("the manifest cannot be read: {0}")]
    Malformed(String),
    /// A host is not a name, a name with a leading `*.`, or `localhost`.
    #[error("the manifest's host {host:?} is not a host name{hint}")]
    Host {
        /// As written in the manifest.
        host: String,
        /// The correct spelling, if it can be determined.
        hint: String,
    },
    /// More hosts than allowed.
    #[error("the manifest lists {0} hosts; the limit is {MAX_HOSTS}")]
    TooManyHosts(usize),
    /// A method is not one of GET, HEAD, POST, PUT, PATCH and DELETE.
    #[error("the manifest's method {0:?} is not known")]
    Method(String),
}

/// What code asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Manifest {
    /// Hosts it may reach: exact names, or `*.suffix` for every name below one.
    pub hosts: Vec<String>,
    /// Methods it may use; GET and HEAD when empty. Every node of a committee sends the request.
    pub methods: Vec<String>,
    /// Limits below the project's; above them they change nothing. Names as in `docs/vm.md`.
    pub limits: BTreeMap<String, u32>,
    /// A platform whose conventions this code follows: `chainlink-functions`, or none.
    pub compat: Option<Compat>,
    /// Whether there is no manifest, but its name stands in the code.
    #[serde(skip)]
    pub misplaced: bool,
}

/// A platform whose conventions are supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compat {
    /// Chainlink Functions: the code is the body of a function, with `args`, `secrets` and `Functions`.
    ChainlinkFunctions,
}

impl Compat {
    /// Returns the code as a module, and the length of what stands before the code on its first line.
    pub(crate) fn wrap(self, code: &str) -> (String, u32) {
        let (before, after) = match self {
            Compat::ChainlinkFunctions => (
                "export default gateway.chainlinkFunctions(async (args, bytesArgs, secrets, Functions) => {",
                "\n});",
            ),
        };
        // A hashbang is one only at the start of a text (ECMA-262, Hashbang).
        let (mark, code) = code.strip_prefix('\u{feff}').map_or(("", code), |code| ("\u{feff}", code));
        let (slashes, code) = code.strip_prefix("#!").map_or(("", code), |code| ("//", code));
        let prefix = u32::try_from(before.len()).unwrap_or(0);
        (format!("{before}{mark}{slashes}{code}{after}"), prefix)
    }
}

impl Manifest {
    /// Returns this code's manifest; an empty one if there is none.
    ///
    /// # Errors
    /// [`ManifestError`] when there is a malformed manifest.
    pub fn of(code: &str) -> Result<Manifest, ManifestError> {
        let Some(text) = find(code) else {
            return Ok(Manifest { misplaced: code.contains(MARK), ..Manifest::default() });
        };
        // The decoder would accept a list as an object without names.
        if !text.trim_start().starts_with('{') {
            return Err(ManifestError::Malformed("it is not a JSON object".to_owned()));
        }
        let mut manifest: Manifest =
            serde_json::from_str(&text).map_err(|e| ManifestError::Malformed(e.to_string()))?;
        if manifest.hosts.len() > MAX_HOSTS {
            return Err(ManifestError::TooManyHosts(manifest.hosts.len()));
        }
        for host in &mut manifest.hosts {
            *host = normal_host(host)?;
        }
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
        if let Some(method) = manifest.methods.iter().find(|m| !known.contains(&m.as_str())) {
            return Err(ManifestError::Method(method.clone()));
        }
        manifest.lower(&mut Limits::default())?;
        Ok(manifest)
    }

    /// Returns whether a host may be reached. `host` is as a URL parser returns it: lower case, punycode.
    pub fn allows_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|rule| match rule.strip_prefix("*.") {
            Some(suffix) => {
                host.strip_suffix(suffix).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
            None => rule == host,
        })
    }

    /// Returns whether a method may be used.
    pub fn allows_method(&self, method: &str) -> bool {
        if self.methods.is_empty() {
            matches!(method, "GET" | "HEAD")
        } else {
            self.methods.iter().any(|m| m == method)
        }
    }

    /// Applies the manifest's limits to the project's.
    pub(crate) fn lower(&self, limits: &mut Limits) -> Result<(), ManifestError> {
        for (name, value) in &self.limits {
            let field = match name.as_str() {
                "cpu_ms" => &mut limits.cpu_ms,
                "wall_ms" => &mut limits.wall_ms,
                "heap_bytes" => &mut limits.heap_bytes,
                "array_buffer_bytes" => &mut limits.array_buffer_bytes,
                "output_bytes" => &mut limits.output_bytes,
                "log_bytes" => &mut limits.log_bytes,
                "timers" => &mut limits.timers,
                "fetches" => &mut limits.fetches,
                "fetch_bytes" => &mut limits.fetch_bytes,
                "fetch_total_bytes" => &mut limits.fetch_total_bytes,
                "fetch_ms" => &mut limits.fetch_ms,
                "fetch_body_bytes" => &mut limits.fetch_body_bytes,
                _ => return Err(ManifestError::Malformed(format!("there is no limit named {name:?}"))),
            };
            if name == "array_buffer_bytes" && *value < MIN_ARRAY_BUFFER_BYTES {
                return Err(ManifestError::Malformed(format!(
                    "the limit {name} is {value}; the least is {MIN_ARRAY_BUFFER_BYTES}"
                )));
            }
            *field = (*field).min(*value);
        }
        Ok(())
    }
}

/// Line terminators of JavaScript (ECMA-262, LineTerminator).
const LINE_ENDS: [char; 4] = ['\n', '\r', '\u{2028}', '\u{2029}'];

/// Returns the JSON of the manifest comment, if one precedes the first statement: after a byte order mark, a hashbang line and
/// any comments that JavaScript knows, and the directive `'use strict'`.
fn find(code: &str) -> Option<Cow<'_, str>> {
    let mut rest = code.strip_prefix('\u{feff}').unwrap_or(code);
    if rest.starts_with("#!") {
        rest = after_line(rest)?;
    }
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if let Some(json) = rest.strip_prefix("//").and_then(line_manifest) {
            return Some(Cow::Borrowed(json));
        } else if rest.starts_with("//") || rest.starts_with("<!--") || rest.starts_with("-->") {
            rest = after_line(rest)?;
        } else if let Some(comment) = rest.strip_prefix("/*") {
            let (text, after) = comment.split_once("*/")?;
            if let Some(json) = block_manifest(text) {
                return Some(Cow::Owned(json));
            }
            rest = after;
        } else if let Some(after) =
            ["'use strict'", "\"use strict\""].iter().find_map(|d| rest.strip_prefix(d))
        {
            rest = after.trim_start().trim_start_matches(';');
        } else {
            return None;
        }
    }
}

/// Returns the JSON of a manifest in a line comment. Prose that only names it is none.
fn line_manifest(comment: &str) -> Option<&str> {
    let line = comment.split(LINE_ENDS).next()?;
    let json = line.trim_start_matches('/').trim().strip_prefix(MARK)?;
    json.trim_start().starts_with('{').then_some(json)
}

/// Returns the JSON of a manifest in a block comment, without the star that each line of a documentation comment starts with: a
/// line of JSON starts with none. Before it may stand lines of prose, which may name the manifest.
fn block_manifest(comment: &str) -> Option<String> {
    if !comment.contains(MARK) {
        return None;
    }
    let lines = comment.trim_start_matches(['*', '!']).split_inclusive(LINE_ENDS).map(|line| {
        let start = line.trim_start();
        start.strip_prefix('*').unwrap_or(start)
    });
    let text: String = lines.collect();
    if let Some(json) = text.trim().strip_prefix(MARK) {
        return Some(json.to_owned());
    }
    let starts = text.match_indices(LINE_ENDS).map(|(at, end)| at.saturating_add(end.len()));
    let mut rests = starts.filter_map(|start| text.get(start..)?.trim_start().strip_prefix(MARK));
    rests.find(|json| json.trim_start().starts_with('{')).map(|json| json.trim_end().to_owned())
}

fn after_line(text: &str) -> Option<&str> {
    text.split_once(LINE_ENDS).map(|(_, after)| after)
}

/// Returns a host in the form returned by a URL parser: lower case, punycode, without the trailing dot of a fully qualified
/// name.
fn normal_host(text: &str) -> Result<String, ManifestError> {
    let (wild, name) = match text.strip_prefix("*.") {
        Some(name) => ("*.", name),
        None => ("", text),
    };
    let parsed = match Host::parse(name.strip_suffix('.').unwrap_or(name)) {
        Ok(Host::Domain(domain)) => Some(format!("{wild}{domain}")),
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => None,
        Err(_) => Some(text.to_owned()),
    };
    if let Some(parsed) = parsed.filter(|parsed| is_host(parsed)) {
        return Ok(parsed);
    }
    let (trimmed, address) = (text.trim(), "; an IP address cannot be listed");
    if is_address(trimmed) {
        return Err(ManifestError::Host { host: text.to_owned(), hint: address.to_owned() });
    }
    // A URL, a user, a port or a path around a valid name.
    let bare = trimmed.split_once("://").map_or(trimmed, |(_, rest)| rest);
    let bare = bare.strip_prefix("//").unwrap_or(bare).split(['/', '?', '#']).next().unwrap_or_default();
    let (bare, user) = bare.rsplit_once('@').map_or((bare, false), |(_, host)| (host, true));
    let (bare, port) = bare.split_once(':').map_or((bare, false), |(host, _)| (host, true));
    let (bare, dot) = bare.strip_prefix('.').map_or((bare, false), |bare| (bare, true));
    let hint = match normal_host_of(bare, text) {
        Some(host) if text.contains("://") => format!("; write {host:?}, without scheme, port and path"),
        Some(host) if user => format!("; write {host:?}, without user name"),
        Some(host) if dot => format!("; write {host:?}, or \"*.{host}\" for the names below it"),
        Some(host) if text != trimmed => format!("; write {host:?}, without spaces"),
        Some(host) if port => format!("; write {host:?}, without the port"),
        Some(host) => format!("; write {host:?}, without the path"),
        None if is_address(bare) => address.to_owned(),
        None => "; write a name such as \"api.example.com\", or \"*.example.com\" for the names below one"
            .to_owned(),
    };
    Err(ManifestError::Host { host: text.to_owned(), hint })
}

/// Returns whether a text is an IP address, in a URL's notation or without its brackets.
fn is_address(text: &str) -> bool {
    let is = |text: &str| Host::parse(text).is_ok_and(|host| !matches!(host, Host::Domain(_)));
    let port = |(host, port): (&str, &str)| is(host) && port.bytes().all(|b| b.is_ascii_digit());
    is(text) || text.parse::<std::net::Ipv6Addr>().is_ok() || text.rsplit_once(':').is_some_and(port)
}

/// Returns the normal form of what is left of `whole` without its wrapping, if it differs.
fn normal_host_of(bare: &str, whole: &str) -> Option<String> {
    (bare != whole).then(|| normal_host(bare).ok()).flatten()
}

fn is_host(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let wild = name.len() != text.len();
    !name.is_empty()
        && name.len() <= 253
        && (name.contains('.') || (name == "localhost" && !wild))
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_stands_before_the_code() {
        let json = r#"{"hosts": ["api.example.com", "*.example.org"], "methods": ["GET", "POST"]}"#;
        for code in [
            format!("/* gateway-manifest {json} */\nexport default 1"),
            format!("// title\n\n/* more */ /** gateway-manifest {json} */"),
            format!("\u{feff}/* gateway-manifest {json} */"),
            format!("#!/usr/bin/env node\n/* gateway-manifest {json} */"),
            format!("\u{feff}#!/usr/bin/env node\r\n// @ts-check\r\n/* gateway-manifest {json} */"),
            format!("// old\r// lines\u{2028}\u{feff}\u{a0}/* gateway-manifest {json} */"),
            format!("/**\n * gateway-manifest {json}\n */\nexport default 1"),
            format!(
                "/**\r\n * gateway-manifest {}\r\n **/",
                json.replace(", \"methods", "\r\n * , \"methods")
            ),
            format!("/**\n * Fetches the price.\n *\n * gateway-manifest {json}\n */\nexport default 1"),
            format!("/*\n The gateway-manifest:\n gateway-manifest below\n gateway-manifest {json} */"),
            format!("// gateway-manifest is below\n// gateway-manifest {json}\nexport default 1"),
            format!("'use strict';\n/* gateway-manifest {json} */"),
            format!("\"use strict\" // gateway-manifest {json}"),
            format!("<!-- from a page\n--> and back\n/* gateway-manifest {json} */"),
        ] {
            let manifest = Manifest::of(&code).unwrap();
            assert!(manifest.allows_host("api.example.com") && manifest.allows_host("a.b.example.org"));
            for host in
                ["example.org", "xexample.org", ".example.org", "api.example.com.evil.net", "example.com"]
            {
                assert!(!manifest.allows_host(host), "{host}");
            }
            assert!(manifest.allows_method("POST") && !manifest.allows_method("HEAD"));
        }
        for code in
            [format!("x = 1 /* gateway-manifest {json} */"), format!("'/* gateway-manifest {json} */'")]
        {
            let misplaced = Manifest { misplaced: true, ..Manifest::default() };
            assert_eq!(Manifest::of(&code).unwrap(), misplaced, "{code}");
        }
        assert_eq!(Manifest::of("").unwrap(), Manifest::default());
    }

    #[test]
    fn what_is_not_well_formed_is_an_error() {
        for json in [
            "{",
            "[]",
            r#"{"host":["a.b"]}"#,
            r#"{"hosts":["https://a.b"]}"#,
            r#"{"hosts":["*"]}"#,
            r#"{"hosts":["*.com.*"]}"#,
            r#"{"hosts":["a.b:443"]}"#,
            r#"{"hosts":["intranet"]}"#,
            r#"{"methods":["CONNECT"]}"#,
            r#"{"limits":{"nope":1}}"#,
            r#"{"limits":{"cpu_ms":-1}}"#,
            r#"{"limits":{"array_buffer_bytes":0}}"#,
            r#"{"limits":{"array_buffer_bytes":4095}}"#,
        ] {
            assert!(Manifest::of(&format!("/* gateway-manifest {json} */")).is_err(), "{json}");
        }
    }

    #[test]
    fn hosts_are_taken_as_people_write_them_or_the_message_says_how() {
        let hosts = |text: &str| Manifest::of(&format!("/* gateway-manifest {{\"hosts\":[{text:?}]}} */"));
        for (written, host) in [
            ("API.Example.com", "api.example.com"),
            ("api.example.com.", "api.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("*.Bücher.example.", "*.xn--bcher-kva.example"),
            ("LocalHost.", "localhost"),
        ] {
            assert_eq!(hosts(written).unwrap().hosts, [host], "{written}");
        }
        for (written, hint) in [
            ("localhost:9114", "write \"localhost\", without the port"),
            ("https://api.example.com/v1", "write \"api.example.com\", without scheme"),
            ("https://me@Api.example.com:443", "write \"api.example.com\", without scheme"),
            ("api.example.com/v1", "write \"api.example.com\", without the path"),
            ("//example.com", "write \"example.com\", without the path"),
            (".example.com", "write \"example.com\", or \"*.example.com\" for"),
            (" localhost ", "write \"localhost\", without spaces"),
            ("user@example.com", "write \"example.com\", without user name"),
            ("127.0.0.1", "an IP address cannot be listed"),
            ("192.168.0.1:80", "an IP address cannot be listed"),
            ("[::1]:80", "an IP address cannot be listed"),
            ("2001:db8::1", "an IP address cannot be listed"),
            ("http://10.0.0.1/x", "an IP address cannot be listed"),
            ("*", "write a name such as"),
            ("*.com.*", "write a name such as"),
        ] {
            let error = hosts(written).unwrap_err().to_string();
            assert!(error.contains(hint), "{written}: {error}");
        }
    }

    #[test]
    fn a_manifest_is_seen_behind_a_mark_and_a_line_for_a_shell() {
        let manifest = r#"/* gateway-manifest {"hosts": ["api.example.com"]} */"#;
        for code in [format!("\u{feff}{manifest}"), format!("#!/usr/bin/env node\n{manifest}")] {
            assert_eq!(Manifest::of(&code).unwrap().hosts, ["api.example.com"], "{code}");
        }
    }

    #[test]
    fn wrapped_code_keeps_its_lines_and_a_line_for_a_shell_becomes_a_comment() {
        for (code, inside) in [
            ("return 1", "{return 1\n});"),
            ("#!/usr/bin/env node\nreturn 1", "{///usr/bin/env node\nreturn 1\n});"),
            ("\u{feff}#!x\nreturn 1", "{\u{feff}//x\nreturn 1\n});"),
        ] {
            let (wrapped, prefix) = Compat::ChainlinkFunctions.wrap(code);
            assert!(wrapped.ends_with(inside), "{wrapped}");
            assert!(wrapped[..prefix as usize].ends_with("=> {"), "{wrapped}");
        }
    }

    #[test]
    fn limits_only_go_down() {
        let manifest =
            Manifest::of(r#"/* gateway-manifest {"limits":{"cpu_ms":5,"output_bytes":999999999}} */"#)
                .unwrap();
        let mut limits = Limits::default();
        manifest.lower(&mut limits).unwrap();
        assert_eq!(limits, Limits { cpu_ms: 5, ..Limits::default() });
    }
}
