//! The shell of an HTTP service, shared by relay and global: API keys, rate limits, bounded serving and the OpenAPI
//! document's schemas.
//!
//! Nothing here knows what a service answers; and nothing a caller sends is kept longer than its request.

#![allow(
    clippy::result_large_err,
    reason = "a problem document is made once for a refused call, never in a loop"
)]

mod api_key;
mod openapi;
mod page;
mod rate;
mod server;

pub use api_key::{ApiKeyConfig, ApiKeyError, ApiKeys, Caller};
pub use openapi::{ContractSchemas, document};
pub use page::{DEFAULT_LIMIT, MAX_LIMIT, Page, PageQuery};
pub use rate::{RateLimit, RateLimits};
pub use server::{HttpConfig, Server, ServerError, bind};
