//! The gateway contract: the judge of projects, requests, draws, results and money.
