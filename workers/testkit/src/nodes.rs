//! Nodes with keys and stake, and what they sign.

use gateway_api::{
    AttestationBytes, Body, Commit, EngineId, Equivocation, ExecuteMsg, Moniker, NodeId, OutcomeClass,
    Publication, RegisterNode, RequestId, RequestResponse, Seed, SignedCommit, SignedOutcome,
};
use gateway_protocol::{DrawnRequest, Outcome, SecretKey, make_ticket, ticket_value};

use crate::chain::{DOMAIN, TestChain, account};

/// A node: its operator is an account named after its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestNode {
    /// Its id, once it is registered.
    pub id: NodeId,
    /// Each byte of its secret key.
    pub secret: u8,
    /// Units of its stake.
    pub units: u32,
    /// Its engine.
    pub engine: EngineId,
}

impl TestNode {
    /// Creates a node that is not registered yet, with this byte as its secret.
    pub fn new(secret: u8, units: u32) -> Self {
        Self { id: NodeId(0), secret, units, engine: EngineId([3; 32]) }
    }

    /// Returns its secret key.
    pub fn key(&self) -> SecretKey {
        SecretKey::from_bytes(&[self.secret; 32]).expect("a key")
    }

    /// Returns its operator's address.
    pub fn operator(&self) -> String {
        account(&format!("operator of {}", self.secret))
    }

    /// Returns what it sends for a drawn request when its code returns `body`.
    pub fn sign(&self, request: &RequestResponse, body: &str) -> SignedOutcome {
        self.sign_as(OutcomeClass::Ok, request, body)
    }

    /// Returns the same for any class.
    pub fn sign_as(&self, class: OutcomeClass, request: &RequestResponse, body: &str) -> SignedOutcome {
        self.attest(class, request, body).1
    }

    fn attest(&self, class: OutcomeClass, request: &RequestResponse, body: &str) -> (Commit, SignedOutcome) {
        let engine = self.engine;
        let outcome = Outcome { engine, class, body: body.to_owned(), value: None };
        let drawn = DrawnRequest::of(DOMAIN, request, request.draw.as_ref().expect("a drawn request"));
        drawn.sign(&self.key(), self.id, outcome)
    }

    /// Returns the evidence that it signed two outcomes of a request.
    pub fn equivocate(&self, request: &RequestResponse) -> Equivocation {
        let sign = |body: &str| {
            let (commit, signed) = self.attest(OutcomeClass::Ok, request, body);
            SignedCommit { commit, proof: signed.attestation.proof }
        };
        Equivocation { request: request.request, node: self.id, first: sign("1"), second: sign("2") }
    }

    /// Returns its ticket over a seed.
    pub fn ticket(&self, seed: &Seed) -> AttestationBytes {
        make_ticket(&DOMAIN, seed, &self.key())
    }

    /// Returns the value of its ticket over a seed.
    pub fn ticket_value(&self, seed: &Seed) -> Seed {
        ticket_value(&self.ticket(seed).output, self.units).expect("units")
    }

    fn registration(&self) -> ExecuteMsg {
        let key = self.key();
        ExecuteMsg::RegisterNode(RegisterNode {
            key: key.public(),
            possession: key.prove_possession(&DOMAIN, &self.operator()).to_vec().into(),
            engine: self.engine,
            moniker: Moniker::new("node").expect("a moniker"),
            endpoint: "".parse().expect("an endpoint"),
        })
    }
}

impl TestChain {
    /// Registers a node in the next block; it draws two epochs later.
    pub fn register_node(&self, node: TestNode) -> TestNode {
        let mut nodes = self.nodes.lock().unwrap();
        let node = TestNode { id: NodeId(nodes.len() as u32 + 1), ..node };
        let stake = u128::from(node.units) * crate::setup::STAKE_UNIT;
        self.include(&node.operator(), &node.registration(), stake);
        nodes.push(node);
        node
    }

    /// Returns the registered nodes in the order of their ids.
    pub fn nodes(&self) -> Vec<TestNode> {
        self.nodes.lock().unwrap().clone()
    }

    /// Returns the publication of a value that these nodes attest to in the current attempt.
    pub fn publication(&self, request: RequestId, nodes: &[TestNode], body: &str) -> Publication {
        let asked = self.request(request);
        let draw = asked.draw.as_ref().expect("a drawn request");
        Publication {
            request,
            attempt: draw.attempt,
            engine: nodes[0].engine,
            class: OutcomeClass::Ok,
            body: Body::Inline { text: body.to_owned() },
            attestations: nodes.iter().map(|node| node.sign(&asked, body).attestation).collect(),
        }
    }

    /// Publishes in the next block a value that these nodes attest to.
    pub fn fulfil(&self, request: RequestId, nodes: &[TestNode]) {
        let publications = vec![self.publication(request, nodes, "42")];
        self.include(&account("another relay"), &ExecuteMsg::Publish { publications }, 0);
    }
}
