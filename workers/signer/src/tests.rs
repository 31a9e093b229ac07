//! A signer at its socket, asked by the clients that daemons use.

use std::path::{Path, PathBuf};

use cosmrs::proto::cosmos::tx::v1beta1::SignDoc;
use gateway_api::{CodeHash, NodeId, ProjectId, SignedCodeRequest};
use gateway_chain::signer::Terms;
use gateway_chain::tx::Msg;
use gateway_chain::types::Account;
use gateway_chain::{ChainError, Coin, Signer};
use gateway_daemon_runtime::remote_signer::{
    Bytes, Draw, KeyKind, Operation, RemoteError, RemoteKey, RemoteSource,
};
use gateway_daemon_runtime::{CancellationToken, SecretSource};
use gateway_protocol::{Domain, SecretKey, verify_code_request};
use gateway_sealing::OpeningKey;

use crate::{KeyConfig, SignerConfig, SignerError, run};

const CHAIN: &str = "dev-1";
const CONTRACT: &str = "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u";
const OTHER: &str = "archway1eezfshhlvpz54yuz8jqxhdhsmwxl7cyud62m5ssrl20fkyuv2xtqqxl0dn";

struct Served {
    config: SignerConfig,
    cancel: CancellationToken,
    task: tokio::task::JoinHandle<Result<(), SignerError>>,
}

fn config(dir: &Path) -> SignerConfig {
    let file = |name: &str, digits: &str| {
        let path = dir.join(name);
        std::fs::write(&path, digits.repeat(32)).unwrap();
        SecretSource::File(path)
    };
    let key = |name: &str, kind, digits: &str| KeyConfig {
        name: name.to_owned(),
        kind,
        key: file(name, digits),
        max_fee: "100".to_owned(),
        max_funds: "50".to_owned(),
    };
    SignerConfig {
        socket: dir.join("signer.sock"),
        socket_mode: "0600".to_owned(),
        journal: dir.join("journal"),
        chain_id: CHAIN.to_owned(),
        contract: CONTRACT.to_owned(),
        prefix: "archway".to_owned(),
        denom: "aarch".to_owned(),
        keys: vec![key("relay", KeyKind::Account, "07"), key("node", KeyKind::Node, "09")],
    }
}

async fn serve(config: SignerConfig) -> Served {
    let cancel = CancellationToken::new();
    let task = tokio::spawn(run(config.clone(), cancel.clone()));
    while tokio::net::UnixStream::connect(&config.socket).await.is_err() {
        assert!(!task.is_finished(), "the signer runs");
        tokio::task::yield_now().await;
    }
    Served { config, cancel, task }
}

impl Served {
    fn source(&self, name: &str) -> RemoteSource {
        RemoteSource { socket: self.config.socket.clone(), name: name.to_owned() }
    }

    async fn stop(self) -> SignerConfig {
        self.cancel.cancel();
        self.task.await.unwrap().unwrap();
        self.config
    }
}

fn terms(chain_id: &str, fee: u128) -> Terms<'_> {
    Terms {
        chain_id,
        account: Account { number: 7, sequence: 1 },
        gas_limit: 200_000,
        fee: vec![Coin::new(fee, "aarch")],
        timeout_height: 99,
        memo: "",
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accounts_transactions_are_the_same_as_with_the_key_and_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let served = serve(config(dir.path())).await;
    let remote = Signer::load(&SecretSource::Remote(served.source("relay")), "archway").unwrap();
    let here = Signer::from_bytes(&[7; 32], "archway").unwrap();
    assert_eq!((remote.address(), remote.public_key()), (here.address(), here.public_key()));
    let execute = |contract: &str, funds| {
        let funds = [Coin::new(funds, "aarch")];
        vec![Msg::execute(here.address(), contract, b"{}".to_vec(), &funds)]
    };
    let good = execute(CONTRACT, 50);
    let signed = remote.sign(&good, &terms(CHAIN, 100)).await.unwrap();
    assert_eq!(signed, here.sign(&good, &terms(CHAIN, 100)).await.unwrap());
    let send = vec![Msg::send(here.address(), OTHER, &[Coin::new(1, "aarch")])];
    for (messages, chain_id, fee, part) in [
        (good.clone(), "archway-1", 100, "signs for"),
        (good, CHAIN, 101, "fees of 101 are above the 100"),
        (execute(CONTRACT, 51), CHAIN, 100, "funds of 51 are above the 50"),
        (execute(OTHER, 0), CHAIN, 100, "does not execute"),
        (send, CHAIN, 100, "does not execute"),
    ] {
        let error = remote.sign(&messages, &terms(chain_id, fee)).await.unwrap_err();
        assert!(matches!(error, ChainError::NotSigned { .. }), "{error}");
        assert!(error.is_retryable() && error.to_string().contains(part), "{part:?} is not in {error}");
    }
    let error = remote.sign_document(SignDoc::default()).await.unwrap_err();
    assert!(matches!(error, ChainError::NotSigned { .. }), "{error}");
    let wrong = Signer::load(&SecretSource::Remote(served.source("node")), "archway").unwrap_err();
    assert!(wrong.to_string().contains("of the kind Node"), "{wrong}");
    let absent = Signer::load(&SecretSource::Remote(served.source("nobody")), "archway").unwrap_err();
    assert!(absent.to_string().contains("no key \"nobody\""), "{absent}");
    served.stop().await;
}

fn attest(chain_id: &str, contract: &str, request: u64, body: u8) -> Operation {
    Operation::Attest {
        draw: Draw {
            chain_id: chain_id.to_owned(),
            contract: contract.to_owned(),
            request,
            seed: [3; 32].into(),
        },
        code: [1; 32].into(),
        input: [2; 32].into(),
        engine: [4; 32].into(),
        class: "ok".to_owned(),
        sha256: [body; 32].into(),
        size: 1,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_attests_once_whatever_asks_and_whenever() {
    let dir = tempfile::tempdir().unwrap();
    let served = serve(config(dir.path())).await;
    let (one, other) = (RemoteKey::new(served.source("node")), RemoteKey::new(served.source("node")));
    let public = SecretKey::from_bytes(&[9; 32]).unwrap().public();
    assert_eq!(one.public(KeyKind::Node).unwrap(), public.0);
    let refused = async |key: &RemoteKey, what| match key.sign(what).await {
        Err(RemoteError::Refused { reason }) => reason,
        other => panic!("{other:?}"),
    };
    let proof = one.sign(attest(CHAIN, CONTRACT, 5, 1)).await.unwrap();
    assert_eq!(other.sign(attest(CHAIN, CONTRACT, 5, 1)).await.unwrap(), proof, "the same once more");
    assert!(refused(&other, attest(CHAIN, CONTRACT, 5, 2)).await.contains("another commitment"));
    assert!(refused(&one, attest("dev-2", CONTRACT, 6, 1)).await.contains("signs for"));
    assert!(refused(&one, attest(CHAIN, OTHER, 6, 1)).await.contains("signs for"));
    let transaction = Operation::Transaction {
        chain_id: CHAIN.to_owned(),
        account_number: 1,
        body: Bytes(Vec::new()),
        auth_info: Bytes(Vec::new()),
    };
    assert!(refused(&one, transaction).await.contains("another kind"));
    // Another process started alongside gets neither the socket nor the journal.
    let second = run(served.config.clone(), CancellationToken::new()).await.unwrap_err();
    assert!(matches!(second, SignerError::Journal(_)), "{second}");
    let elsewhere = SignerConfig { journal: dir.path().join("another"), ..served.config.clone() };
    let third = run(elsewhere, CancellationToken::new()).await.unwrap_err();
    assert!(matches!(third, SignerError::Taken { .. }), "{third}");

    let mut served = serve(served.stop().await).await;
    assert_eq!(one.sign(attest(CHAIN, CONTRACT, 5, 1)).await.unwrap(), proof, "over a restart");
    // However busy its connections are: a signer that has ended no longer holds the journal.
    for _ in 0..50 {
        // Answered or not: the end may come first.
        let (_, config) = tokio::join!(one.sign(attest(CHAIN, CONTRACT, 5, 1)), served.stop());
        served = serve(config).await;
    }
    assert!(refused(&one, attest(CHAIN, CONTRACT, 5, 2)).await.contains("another commitment"));
    let config = served.stop().await;
    let away = one.sign(attest(CHAIN, CONTRACT, 5, 1)).await.unwrap_err();
    assert!(matches!(away, RemoteError::Away { .. }), "{away}");
    assert!(!config.socket.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sealed_to_a_nodes_key_is_opened_for_its_contract_alone() {
    let dir = tempfile::tempdir().unwrap();
    let served = serve(config(dir.path())).await;
    let key = RemoteKey::new(served.source("node"));
    let secret = SecretKey::from_bytes(&[9; 32]).unwrap();
    let domain = Domain { chain_id: CHAIN, contract: CONTRACT };
    let own = OpeningKey::of(&secret, &domain).public();
    let asked = Operation::EncryptionKey { chain_id: CHAIN.to_owned(), contract: CONTRACT.to_owned() };
    assert_eq!(key.sign(asked).await.unwrap(), own.0);

    let sealed = gateway_sealing::seal(&own, &[5; 32], b"hunter2").unwrap();
    let open = |contract: &str, info: u8| Operation::Open {
        chain_id: CHAIN.to_owned(),
        contract: contract.to_owned(),
        info: [info; 32].into(),
        sealed: Bytes(sealed.clone()),
    };
    assert_eq!(key.open(open(CONTRACT, 5)).await.unwrap(), b"hunter2");
    let account = RemoteKey::new(served.source("relay"));
    for (key, what, part) in [
        (&key, open(CONTRACT, 6), "not sealed to this key, or not for this place"),
        (&key, open(OTHER, 5), "signs for"),
        (&account, open(CONTRACT, 5), "another kind"),
    ] {
        let refused = key.open(what).await.unwrap_err();
        assert!(matches!(&refused, RemoteError::Refused { reason } if reason.contains(part)), "{refused}");
    }

    let code = |contract: &str| Operation::CodeRequest {
        chain_id: CHAIN.to_owned(),
        contract: contract.to_owned(),
        node: 3,
        project: 7,
        code: [1; 32].into(),
        height: 1_000,
    };
    let request = SignedCodeRequest {
        node: NodeId(3),
        project: ProjectId(7),
        sha256: CodeHash([1; 32]),
        height: 1_000,
        signature: key.sign(code(CONTRACT)).await.unwrap().into(),
    };
    verify_code_request(&domain, &secret.public(), &request).unwrap();
    assert!(key.sign(code(OTHER)).await.unwrap_err().to_string().contains("signs for"));
    served.stop().await;
}

#[tokio::test]
async fn nobody_else_may_open_the_socket_and_what_is_no_question_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

    let dir = tempfile::tempdir().unwrap();
    let served = serve(config(dir.path())).await;
    let mode = |path: &PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&served.config.socket), mode(&served.config.journal)), (0o600, 0o600));
    let stream = tokio::net::UnixStream::connect(&served.config.socket).await.unwrap();
    let mut stream = BufReader::new(stream);
    stream.write_all(b"sign this\n").await.unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    assert!(line.starts_with("{\"refused\":\"no question"), "{line}");
    served.stop().await;
}

#[test]
fn a_configuration_out_of_bounds_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let fault = |change: fn(&mut SignerConfig)| {
        let mut config = config(dir.path());
        change(&mut config);
        config.validate().map_err(|error| error.to_string())
    };
    assert_eq!(fault(|_| {}), Ok(()));
    for (change, part) in [
        ((|c| c.socket_mode = "rw".into()) as fn(&mut SignerConfig), "socket_mode"),
        (|c| c.keys.clear(), "keys"),
        (|c| c.keys[1].name = "relay".into(), "a name of its own"),
        (|c| c.keys[0].max_fee = "much".into(), "keys.max_fee"),
        (|c| c.contract = "archway1x".into(), "contract"),
    ] {
        let error = fault(change).unwrap_err();
        assert!(error.contains(part), "{part:?} is not in {error}");
    }
}
