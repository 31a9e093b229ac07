//! What a project's owner does.

use gateway_api::{CodeRef, ExecuteMsg, ProjectId, Requesters, SealedValue, SecretHost, SecretName, Version};
use gateway_localnet::{Localnet, example};

use super::{People, send};

/// Registers a project, moves it through its life and returns it as it began.
pub(super) async fn owner_runs_its_project(net: &Localnet, people: &People) -> ProjectId {
    let People { developer, user, .. } = people;
    let addition = example::addition();
    let project = net.register(&addition).await.unwrap();
    let code: CodeRef = addition.code_ref();
    let policy = addition.policy.clone();
    send(net, developer, &ExecuteMsg::AddVersion { project, code, policy }, 0).await;
    let schedule = ExecuteMsg::ScheduleVersion { project, version: Version(2), after_blocks: 1 };
    send(net, developer, &schedule, 0).await;
    send(net, developer, &ExecuteMsg::ActivateVersion { project, version: Version(1) }, 0).await;
    let access = ExecuteMsg::SetAccess { project, requesters: Requesters::Anyone {}, paused: false };
    send(net, developer, &access, 0).await;
    for (from, to) in [(developer, user), (user, developer)] {
        let to_address = Some(to.address().to_owned());
        send(net, from, &ExecuteMsg::OfferProject { project, to: to_address }, 0).await;
        send(net, to, &ExecuteMsg::AcceptProject { project }, 0).await;
    }
    secrets(net, people, project).await;
    project
}

/// The ciphertext opens for nobody: what the contract checks is its length and whose key it names.
async fn secrets(net: &Localnet, people: &People, project: ProjectId) {
    let keys = net.ask(&gateway_api::QueryMsg::EncryptionKeys { start_after: None, limit: None }).await;
    let keys: gateway_api::EncryptionKeysResponse = keys.unwrap();
    let published = keys.keys.last().expect("the sixth node has published one");
    let sealed = SealedValue { node: published.node, key: published.key, ciphertext: vec![7; 112].into() };
    let (name, host) = (SecretName::new("KEY").unwrap(), SecretHost::new("api.example.com").unwrap());
    let set = ExecuteMsg::SetSecret { project, name: name.clone(), host: host.clone(), sealed: vec![sealed] };
    send(net, &people.developer, &set, 0).await;
    send(net, &people.developer, &ExecuteMsg::RemoveSecret { project, name, host }, 0).await;
}
