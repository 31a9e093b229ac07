//! Nodes whose keys a test holds: they attest whatever it wants.

use gateway_api::{
    Attempt, Body, Commit, EngineId, Moniker, NodeId, OutcomeClass, Publication, RegisterNode,
    RequestResponse, SignedOutcome,
};
use gateway_localnet::{DevAccount, Localnet};
use gateway_protocol::{Domain, DrawnRequest, Outcome, SecretKey, Threshold};

/// Somebody who holds a node's key and may say anything with it.
pub(crate) struct Impostor {
    pub(crate) node: NodeId,
    pub(crate) engine: EngineId,
    pub(crate) secret: SecretKey,
}

impl Impostor {
    /// Takes over a node of the network, whose daemon it stops.
    pub(crate) async fn instead_of(net: &mut Localnet, index: usize) -> Self {
        net.nodes_mut()[index].kill().await;
        let secret = SecretKey::from_bytes(&net.node_secret(index)).unwrap();
        let nodes = net.registered_nodes().await.unwrap();
        let node =
            nodes.iter().find(|n| n.newest_key() == Some(secret.public())).expect("the node is registered");
        Self { node: node.node, engine: node.engine, secret }
    }

    /// Registers a node that has no daemon, with one unit of stake.
    pub(crate) async fn registers(net: &Localnet, operator: &DevAccount) -> Self {
        let secret = SecretKey::from_bytes(&[9; 32]).unwrap();
        let domain = Domain { chain_id: net.chain_id(), contract: net.contract() };
        let engine = net.registered_nodes().await.unwrap()[0].engine;
        let register = RegisterNode {
            key: secret.public(),
            possession: secret.prove_possession(&domain, operator.address()).into(),
            engine,
            moniker: Moniker::new("newcomer").unwrap(),
            endpoint: "".parse().unwrap(),
        };
        net.register_node_of(operator, register).await.unwrap();
        let nodes = net.registered_nodes().await.unwrap();
        let node = nodes.iter().find(|n| n.newest_key() == Some(secret.public())).expect("it is registered");
        Self { node: node.node, engine, secret }
    }

    /// Signs an outcome for a drawn request, whatever the code would have said.
    pub(crate) fn say(&self, net: &Localnet, request: &RequestResponse, body: &str) -> SignedOutcome {
        self.sign(net, request, body).1
    }

    /// The same, with the commitment that it signs.
    pub(crate) fn sign(
        &self,
        net: &Localnet,
        request: &RequestResponse,
        body: &str,
    ) -> (Commit, SignedOutcome) {
        let domain = Domain { chain_id: net.chain_id(), contract: net.contract() };
        let draw = request.draw.as_ref().expect("the request is drawn");
        let (engine, class) = (self.engine, OutcomeClass::Ok);
        let outcome = Outcome { engine, class, body: body.to_owned(), value: None };
        DrawnRequest::of(domain, request, draw).sign(&self.secret, self.node, outcome)
    }

    /// The seats that the draw gives the node in an attempt.
    pub(crate) fn seats(&self, net: &Localnet, request: &RequestResponse, attempt: Attempt) -> u32 {
        let domain = Domain { chain_id: net.chain_id(), contract: net.contract() };
        let draw = request.draw.as_ref().expect("the request is drawn");
        let output = self.secret.draw(&DrawnRequest::of(domain, request, draw).context());
        Threshold::new(request.policy.committee, attempt, draw.total_units).seats(&output, 1)
    }
}

/// One attestation as a publication of its own.
pub(crate) fn publication(outcome: &SignedOutcome) -> Publication {
    together(std::slice::from_ref(outcome)).expect("one attestation")
}

/// Several attestations as one publication, under the first one's outcome.
pub(crate) fn together(outcomes: &[SignedOutcome]) -> Option<Publication> {
    let outcome = outcomes.first()?;
    Some(Publication {
        request: outcome.request,
        attempt: Attempt(0),
        engine: outcome.engine,
        class: outcome.class,
        body: Body::Inline { text: outcome.body.clone() },
        attestations: outcomes.iter().map(|signed| signed.attestation.clone()).collect(),
    })
}
