//! What parties other than the daemon under test send: projects, requests and their ends.

use gateway_api::events::GatewayEvent;
use gateway_api::{
    CodeRef, Description, ExecuteMsg, FeeResponse, Name, NewRequest, Overrides, Policy, ProjectId, QueryMsg,
    RequestId, RequestResponse,
};
use gateway_chain::testing::Execution;
use gateway_chain::{Coin, RawEvent};

use crate::chain::{CONTRACT, TestChain, account};

impl TestChain {
    /// Puts a message of an account into the next block.
    pub fn include(&self, from: &str, msg: &ExecuteMsg, funds: u128) {
        let funds = if funds == 0 { Vec::new() } else { vec![Coin::new(funds, "aarch")] };
        let json = serde_json::to_vec(msg).expect("JSON");
        self.included.lock().unwrap().push(format!("{from} sends {msg:?}"));
        self.ledger.include(Execution { sender: from.to_owned(), msg: json, funds });
    }

    /// Makes a block with a message of an account, and returns the contract's events of that block.
    pub fn send(&self, from: &str, msg: &ExecuteMsg, funds: u128) -> Vec<GatewayEvent> {
        let block = self.commit_with(|| self.include(from, msg, funds));
        let read = |(_, event): (_, &RawEvent)| {
            GatewayEvent::decode(CONTRACT, &event.ty, &event.pairs()).expect("an event of the contract")
        };
        block.events().filter_map(read).collect()
    }

    /// Registers a project in the next block.
    pub fn register_project(&self, code: CodeRef, policy: Policy) {
        let msg = ExecuteMsg::RegisterProject {
            name: Name::new("project").expect("a name"),
            description: Description::new("does things").expect("a description"),
            code,
            policy,
        };
        self.include(&account("owner"), &msg, 0);
    }

    /// Puts a user's request into the next block, for its estimated fee.
    pub fn ask_for(&self, project: ProjectId, overrides: Option<Overrides>) {
        let fee: FeeResponse = self.ask(&QueryMsg::EstimateFee { project, overrides, callback: None });
        let request = NewRequest { overrides, ..NewRequest::new(project, "[1,2]") };
        self.include(&account("user"), &ExecuteMsg::Request(request), fee.total.u128());
    }

    /// Opens a user's request in a block of its own.
    pub fn open_request(&self, project: ProjectId, overrides: Option<Overrides>) -> RequestId {
        let block = self.commit_with(|| self.ask_for(project, overrides));
        let opened = block.events().find(|(_, event)| event.ty == "wasm-gateway-request-opened");
        let id = opened.and_then(|(_, event)| event.attribute("request")?.parse().ok());
        RequestId(id.expect("an opened request"))
    }

    /// Makes blocks until a request is overdue, and one in which it is expired.
    pub fn expire(&self, request: RequestId) {
        let deadline = self.request(request).deadline;
        while self.height() < deadline {
            self.commit();
        }
        let msg = ExecuteMsg::Expire { limit: None, requests: Some(vec![request]) };
        self.send(&account("keeper"), &msg, 0);
    }

    /// Returns the contract's state of a request.
    pub fn request(&self, request: RequestId) -> RequestResponse {
        self.ask(&QueryMsg::Request { request })
    }
}
