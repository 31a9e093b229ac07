//! The JSON of the wire, pinned: every message, query, answer, callback, refusal and event, and all they are made of, has
//! an example in tests/vectors/shapes.json that reads as the type and is written again byte for byte.
//!
//! `REGENERATE_VECTORS=1 cargo test -p gateway-contract --test contract shapes` adds examples of what is new and replaces
//! those that do not read any more. A line that changes there is a break for every client.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_schema::schemars::schema::RootSchema;
use gateway_api::events::*;
use gateway_api::*;
use serde_json::{json, Map, Value};

/// Examples by type and, for an enum, by variant.
type Examples = BTreeMap<String, BTreeMap<String, Value>>;

/// A type of the wire.
struct Shape {
    name: &'static str,
    schema: Value,
    /// Reads a value as the type and writes it again.
    again: fn(&Value) -> Result<Value, String>,
}

macro_rules! shapes {
    ($($ty:ident)*) => {
        vec![$(Shape {
            name: stringify!($ty),
            schema: serde_json::to_value::<RootSchema>(cosmwasm_schema::schema_for!($ty)).unwrap(),
            again: |value| {
                let read: $ty = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
                serde_json::to_value(read).map_err(|error| error.to_string())
            },
        }),*]
    };
}

fn shapes() -> Vec<Shape> {
    shapes![
        AbstentionReason AgreedNode AgreementRule ArchwaySettings Attestation BeaconResponse Body CallbackRequest CallbackStatus CodeForNode CodeRef CodeSource
        ConfigResponse CounterResponse DrawClass DrawInfo EncryptionKeyResponse EncryptionKeysResponse EngineFrom EngineProfile EngineRelease EnginesResponse EpochResponse Equivocation ExecuteMsg
        FeeResponse GatewayCallback GatewayResult GovernanceResponse InstantiateMsg KeeperSettings KeyFrom LedgerResponse MedianField MigrateMsg NewRequest NewSchedule NextEngine
        NodeAccountsResponse NodeResponse NodeTicket NodesResponse OpenRequest OpenRequestsResponse OutcomeClass OverrideBounds Overrides Policy PresenceResponse ProjectAccessResponse ProjectResponse
        ProjectsResponse Publication PublicationVerdict QueryMsg Refusal RegisterNode RequestResponse RequestStatus
        Requesters RequestsResponse Resolution ResultResponse ResultsResponse RewardsResponse RoundBeacon RoundResponse
        ScheduleResponse ScheduledVersion SchedulesResponse SealedCode SealedSecretResponse SealedSecretsResponse SealedTo SealedValue SecretId SecretResponse SecretsResponse SeedQuality Settings SignedAbstention SignedCodeRequest SignedCommit SignedOutcome SignedTicket SubscriptionConsumer SubscriptionResponse SudoMsg SweepResponse TalliesResponse TallyResponse Ticket Unbonding
        UnitsFrom VersionResponse
    ]
}

macro_rules! events {
    ($($ty:ident)*) => {
        vec![$((stringify!($ty), $ty::TYPE, |event| match event {
            GatewayEvent::$ty(event) => Some(event.into()),
            _ => None,
        })),*]
    };
}

type Encode = fn(GatewayEvent) -> Option<cosmwasm_std::Event>;

/// Every event: its name, its type and how it is written.
fn events() -> Vec<(&'static str, &'static str, Encode)> {
    events![
        AccessChanged AdminChanged AttestationsKept BountyPaid CallbackDelivered CallbackDue CallbackFailed CoinsRecovered FiringsMissed
        EncryptionKeyChanged EngineAnnounced EngineChanged EnginePostponed EngineWithdrawn EnginesDeclared EpochOpened GuardianChanged HaltChanged KeyRotated
        NodeAccountsChanged NodeDissented NodeRegistered NodeSilent NodeSlashed NodeTransferred NodeUnjailed NodeUpdated PauseChanged ProjectRegistered ProjectTransferred
        PublicationRefused RefundCredited RequestExpired RequestFulfilled RequestOpened RequestRefused RewardsClaimed RewardsWithdrawn RoundOpened RoundTicketAccepted ScheduleChanged ScheduleEnded ScheduleFired SecretRemoved SecretSet SettingsUpdated
        StakeChanged StakeWithdrawn SubscriptionChanged SweepChanged TickReserved TicketAccepted VersionActivated VersionAdded VersionScheduled
    ]
}

/// An enum's variants with what stands in each; a struct is its own only one, without a name.
fn variants(schema: &Value) -> BTreeMap<String, Value> {
    let names = |of: &Value| -> Vec<String> {
        of.as_array().into_iter().flatten().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let Some(all) = schema["oneOf"].as_array() else {
        let plain = names(&schema["enum"]).into_iter().map(|name| (name, Value::Null));
        let plain: BTreeMap<_, _> = plain.collect();
        return if plain.is_empty() { BTreeMap::from([(String::new(), schema.clone())]) } else { plain };
    };
    all.iter()
        .flat_map(|variant| match names(&variant["enum"]) {
            plain if !plain.is_empty() => {
                plain.into_iter().map(|name| (name, Value::Null)).collect::<Vec<_>>()
            }
            _ => names(&variant["required"])
                .into_iter()
                .map(|name| (name.clone(), variant["properties"][&name].clone()))
                .collect(),
        })
        .collect()
}

/// What a schema stands for, past names and options.
fn resolve<'a>(schema: &'a Value, definitions: &'a Value) -> (&'a str, &'a Value) {
    let mut schema = schema;
    let mut name = "";
    loop {
        let inner = ["allOf", "anyOf"].iter().find_map(|all| schema[*all].get(0));
        if let Some(reference) = schema["$ref"].as_str() {
            name = reference.trim_start_matches("#/definitions/");
            schema = &definitions[name];
        } else if let Some(inner) = inner {
            schema = inner;
        } else {
            return (name, schema);
        }
    }
}

/// An example of a schema: every field filled in, every list with an entry.
fn example(schema: &Value, definitions: &Value) -> Value {
    let (name, schema) = resolve(schema, definitions);
    if let Some((variant, inside)) = variants(schema).into_iter().find(|(variant, _)| !variant.is_empty()) {
        return wrapped(&variant, &inside, definitions);
    }
    let ty = &schema["type"];
    match ty.as_str().or(ty[0].as_str()).unwrap() {
        "object" => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            fields.map(|(field, of)| (field.clone(), example(of, definitions))).collect::<Map<_, _>>().into()
        }
        "array" => json!([example(&schema["items"], definitions)]),
        "integer" => json!(2),
        "boolean" => json!(true),
        _ if schema["minLength"] == 64 => json!("07".repeat(32)),
        _ => match name {
            "Uint128" => json!("340282366920938463463374607431768211455"),
            "Binary" => json!("AQID"),
            _ => json!("text"),
        },
    }
}

fn wrapped(variant: &str, inside: &Value, definitions: &Value) -> Value {
    match (variant, inside) {
        (name, Value::Null) => json!(name),
        ("", inside) => example(inside, definitions),
        (name, inside) => json!({ name: example(inside, definitions) }),
    }
}

/// Whether an example fills in every field of its schema.
fn is_whole(example: &Value, variant: &str, inside: &Value, definitions: &Value) -> bool {
    let example = if variant.is_empty() { example } else { example.get(variant).unwrap_or(example) };
    let (_, inside) = resolve(inside, definitions);
    let mut fields = inside["properties"].as_object().into_iter().flatten();
    fields.all(|(field, _)| example.get(field).is_some_and(|value| !value.is_null()))
}

/// An event's attributes, filled in one after the other as its decoder asks for them.
fn attributes(ty: &str, known: &Value) -> Option<(GatewayEvent, Vec<(String, String)>)> {
    let hash = "07".repeat(32);
    let candidates = ["2", &hash, "ok", "normal", "true", "text"];
    let own = |known: &Value| -> Vec<(String, String)> {
        let given = known.as_object().into_iter().flatten();
        given.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
    };
    let mut found = own(known);
    for _ in 0..100 {
        let mut pairs = vec![("_contract_address", "gateway")];
        pairs.extend(found.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        match GatewayEvent::decode("gateway", &format!("wasm-{ty}"), &pairs) {
            Ok(event) => return Some((event?, found)),
            Err(EventDecodeError::Missing { attribute }) => {
                found.push((attribute.to_owned(), candidates[0].to_owned()));
            }
            Err(EventDecodeError::Value { attribute, found: bad }) => {
                let next = candidates.iter().position(|candidate| *candidate == bad).map_or(0, |at| at + 1);
                let entry = found.iter_mut().find(|(key, _)| key == attribute)?;
                entry.1 = (*candidates.get(next)?).to_owned();
            }
        }
    }
    None
}

fn path() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/shapes.json")
}

/// What the file should hold: what it holds, where that is still good, else examples made from the schemas.
fn wanted(committed: &Examples) -> Examples {
    let mut wanted = Examples::new();
    for Shape { name, schema, again } in shapes() {
        for (variant, inside) in variants(&schema) {
            let old = committed.get(name).and_then(|of| of.get(&variant));
            let good = old.filter(|old| {
                again(old).as_ref() == Ok(*old) && is_whole(old, &variant, &inside, &schema["definitions"])
            });
            let example = good.cloned().unwrap_or_else(|| wrapped(&variant, &inside, &schema["definitions"]));
            wanted.entry(name.to_owned()).or_default().insert(variant, example);
        }
    }
    for (_, ty, encode) in events() {
        let old = committed.get("events").and_then(|of| of.get(ty)).cloned().unwrap_or_default();
        let (event, _) = attributes(ty, &old).or_else(|| attributes(ty, &Value::Null)).unwrap();
        let written = encode(event).unwrap();
        let written: Map<_, _> =
            written.attributes.into_iter().map(|a| (a.key, Value::String(a.value))).collect();
        wanted.entry("events".to_owned()).or_default().insert(ty.to_owned(), written.into());
    }
    wanted
}

#[test]
fn every_shape_is_what_it_was() {
    let read = || serde_json::from_str::<Examples>(&std::fs::read_to_string(path()).unwrap()).unwrap();
    if std::env::var_os("REGENERATE_VECTORS").is_some() {
        let wanted = wanted(&read());
        std::fs::write(path(), serde_json::to_string_pretty(&wanted).unwrap() + "\n").unwrap();
    }
    let committed = read();
    let mut left: BTreeSet<_> = committed.keys().map(String::as_str).collect();
    for Shape { name, schema, again } in shapes() {
        assert!(left.remove(name), "{name} has no example");
        let examples = &committed[name];
        let variants = variants(&schema);
        let keys = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>();
        assert_eq!(keys(examples.keys().collect()), keys(variants.keys().collect()), "examples of {name}");
        for (variant, inside) in variants {
            let example = &examples[&variant];
            assert_eq!(again(example).as_ref(), Ok(example), "{name} {variant}");
            assert!(
                is_whole(example, &variant, &inside, &schema["definitions"]),
                "{name} {variant}: a field is not in its example"
            );
        }
    }
    assert!(left.remove("events"));
    assert!(left.is_empty(), "examples of types that are gone: {left:?}");
    let mut left: BTreeSet<_> = committed["events"].keys().map(String::as_str).collect();
    for (_, ty, encode) in events() {
        assert!(left.remove(ty), "{ty} has no example");
        let example = &committed["events"][ty];
        let (event, read) = attributes(ty, example).unwrap();
        let written = encode(event).unwrap();
        let written: BTreeMap<_, _> =
            written.attributes.iter().map(|a| (a.key.clone(), a.value.clone())).collect();
        assert_eq!(written, read.into_iter().collect(), "{ty}");
        let pinned =
            example.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.as_str().unwrap().into()));
        assert_eq!(written, pinned.collect(), "{ty}");
    }
    assert!(left.is_empty(), "examples of events that are gone: {left:?}");
}

/// No type of the wire is left out: the packages' sources and the schemas name them all.
#[test]
fn every_type_has_a_shape() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packages/api/src");
    let mut declared = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        // Types stand in the folder itself; deeper ones only read them.
        if path.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        for after in text.split("#[cw_serde]").skip(1) {
            let line = after.lines().find(|line| line.starts_with("pub ")).unwrap();
            let name = line.split([' ', '<', '(']).nth(2).unwrap();
            declared.insert(name.to_owned());
        }
    }
    let listed: BTreeSet<_> = shapes().iter().map(|shape| shape.name.to_owned()).collect();
    assert_eq!(declared, listed);
    // What is made of several values and not declared that way would still be found here.
    for shape in shapes() {
        let definitions = shape.schema["definitions"].as_object().into_iter().flatten();
        for (name, definition) in definitions {
            let parts = definition["type"] == "object" || definition.get("oneOf").is_some();
            assert!(!parts || listed.contains(name), "{name}");
        }
    }
    let listed: BTreeSet<_> = events().iter().map(|(_, ty, _)| *ty).collect();
    assert_eq!(GatewayEvent::TYPES.iter().copied().collect::<BTreeSet<_>>(), listed);
}

/// Every answer that a query names is among the shapes.
#[test]
fn every_answer_has_a_shape() {
    use cosmwasm_schema::QueryResponses;
    let listed: BTreeSet<_> = shapes().iter().map(|shape| shape.name.to_owned()).collect();
    for (query, answer) in QueryMsg::response_schemas().unwrap() {
        let title = answer.schema.metadata.and_then(|data| data.title).unwrap_or_default();
        assert!(listed.contains(&title), "{query}: {title}");
    }
}
