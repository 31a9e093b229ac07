//! Registering projects, adding versions and activating them.

use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{code, policy, register_project, World};

#[test]
fn a_project_begins_with_its_first_version_active() {
    let mut world = World::empty();
    let id = world.project(policy());
    let project: ProjectResponse = world.ask(&QueryMsg::Project { project: id });
    assert_eq!((id, project.active, project.latest), (ProjectId(1), Version(1), Version(1)));
    assert_eq!(project.owner, world.bob.to_string());
    let version: VersionResponse = world.ask(&QueryMsg::Version { project: id, version: Version(1) });
    assert_eq!((version.code, version.policy), (code(), policy()));
}

#[test]
fn a_version_does_nothing_until_it_is_activated_and_older_ones_come_back() {
    let mut world = World::new();
    let id = world.project(policy());
    let owner = world.bob.clone();
    let newer = CodeRef { sha256: CodeHash([8; 32]), ..code() };
    let add = ExecuteMsg::AddVersion { project: id, code: newer.clone(), policy: policy() };
    world.send(&owner, &add, 0).unwrap();

    let pinned = |world: &mut World| {
        let request = world.request(id);
        world.ask::<RequestResponse>(&QueryMsg::Request { request }).code.sha256
    };
    assert_eq!(pinned(&mut world), code().sha256);
    let first = world.request(id);
    for (version, sha256) in [(Version(2), newer.sha256), (Version(1), code().sha256)] {
        let response = world.send(&owner, &ExecuteMsg::ActivateVersion { project: id, version }, 0).unwrap();
        assert!(matches!(
            world.events(&response)[..],
            [GatewayEvent::VersionActivated(ref event)] if event.version == version
        ));
        assert_eq!(pinned(&mut world), sha256);
    }
    // A request keeps the version it was opened with.
    assert_eq!(world.ask::<RequestResponse>(&QueryMsg::Request { request: first }).version, Version(1));
}

#[test]
fn bounds_are_named() {
    let mut world = World::empty();
    let bob = world.bob.clone();
    let bad = Policy { quorum_bps: 5000, ..policy() };
    assert_eq!(
        world.send(&bob, &register_project(bad), 0).unwrap_err(),
        ContractError::InvalidPolicy { fault: "quorum_bps takes 5001 to 10000" }
    );
    let id = world.project(policy());
    let code = CodeRef { sources: vec![], ..code() };
    let add = ExecuteMsg::AddVersion { project: id, code, policy: policy() };
    assert_eq!(
        world.send(&bob, &add, 0).unwrap_err(),
        ContractError::InvalidCode(CodeFault::Field("sources takes 1 to 8 places"))
    );
}

fn at(source: CodeSource) -> ExecuteMsg {
    let code = CodeRef { sources: vec![source], ..code() };
    ExecuteMsg::AddVersion { project: ProjectId(1), code, policy: policy() }
}

/// The name of one raw block says what the block hashes to: it must be the pin.
#[test]
fn a_cid_of_other_bytes_is_refused() {
    let mut world = World::empty();
    let bob = world.bob.clone();
    world.project(policy());
    let ipfs = |cid: &str| at(CodeSource::Ipfs { cid: cid.to_owned() });
    // "hello world", a name every IPFS node knows.
    let other = ipfs("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
    let block = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9".parse().unwrap();
    assert_eq!(
        world.send(&bob, &other, 0).unwrap_err(),
        ContractError::InvalidCode(CodeFault::OtherBlock { block, pin: code().sha256 })
    );
    world.send(&bob, &ipfs("bafkreiaha4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4"), 0).unwrap();
    // A node of links says nothing of the file's bytes: the pin alone counts.
    world.send(&bob, &ipfs("bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"), 0).unwrap();
}

#[test]
fn every_kind_of_place_has_a_shape() {
    let mut world = World::empty();
    let bob = world.bob.clone();
    world.project(policy());
    let github = |owner: &str, commit: &str, path: &str| {
        let (owner, repo) = (owner.to_owned(), "code".to_owned());
        at(CodeSource::Github { owner, repo, commit: commit.to_owned(), path: path.to_owned() })
    };
    let https = |url: &str| at(CodeSource::Https { url: url.to_owned() });
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let refused = [
        (github("some one", commit, "a.js"), "github: owner"),
        (github("someone", "main", "a.js"), "github: commit"),
        (github("someone", &commit.to_uppercase(), "a.js"), "github: commit"),
        (github("someone", commit, "../a.js"), "github: path"),
        (github("someone", commit, "/a.js"), "github: path"),
        (at(CodeSource::Ipfs { cid: "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG".to_owned() }), "ipfs:"),
        (https("http://a.example/a.js"), "https:"),
        (https("https://"), "https:"),
        (https("https:///a.js"), "https:"),
        (https("https://a.example/a b.js"), "https:"),
    ];
    for (msg, field) in refused {
        match world.send(&bob, &msg, 0) {
            Err(ContractError::InvalidCode(CodeFault::Field(fault))) => {
                assert!(fault.starts_with(field), "{fault}");
            }
            other => panic!("{msg:?}: {other:?}"),
        }
    }
    for msg in
        [github("someone", commit, "src/a.js"), https("https://a.example/a.js"), at(CodeSource::Store {})]
    {
        world.send(&bob, &msg, 0).unwrap();
    }
}

#[test]
fn what_is_not_there_is_said() {
    let mut world = World::empty();
    let id = world.project(policy());
    let bob = world.bob.clone();
    let version = Version(2);
    assert_eq!(
        world.send(&bob, &ExecuteMsg::ActivateVersion { project: id, version }, 0).unwrap_err(),
        ContractError::UnknownVersion { project: id, version }
    );
    let project = ProjectId(9);
    assert_eq!(
        world.send(&bob, &ExecuteMsg::ActivateVersion { project, version }, 0).unwrap_err(),
        ContractError::UnknownProject { project }
    );
}
