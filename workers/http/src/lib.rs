//! The shell of an HTTP service, shared by relay, node and global: bounded serving, problem documents, extractors, API keys,
//! rate limits, paging, readiness and metrics pages, and the OpenAPI document's schemas.
//!
//! Nothing here knows what a service answers; and nothing a caller sends is kept longer than its request.

#![allow(
    clippy::result_large_err,
    reason = "a problem document is made once for a refused call, never in a loop"
)]

mod admin;
mod api_key;
mod client_address;
mod config;
mod cors;
pub mod extract;
mod guard;
mod occupancy;
mod openapi;
mod page;
mod problem;
mod rate;
mod server;

pub use api_key::{ApiKeyConfig, ApiKeyError, ApiKeys, Caller};
pub use client_address::ClientAddress;
pub use config::HttpConfig;
pub use guard::idle;
pub use occupancy::{Occupancy, Place};
pub use openapi::{ApiKeySecurity, ContractSchemas, document};
pub use page::{DEFAULT_LIMIT, MAX_LIMIT, Page, PageQuery};
pub use problem::{MEDIA_TYPE, Problem};
pub use rate::{RateLimit, RateLimits};
pub use server::{Listen, Routes, Server, ServerError, bind};
