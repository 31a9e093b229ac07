//! Reads requests in pages: ids and draws of those that are open, then the requests themselves by their ids.

use gateway_api::{OpenRequestsResponse, QueryMsg, RequestId, RequestResponse, RequestsResponse, limits};

use crate::error::Result;
use crate::query::GatewayQuery;

impl GatewayQuery {
    /// Requests by their ids, in this order; unknown ids are left out. The contract bounds each answer by its bytes, so what
    /// an answer leaves out is asked for once more.
    ///
    /// # Errors
    /// As [`GatewayQuery::ask`].
    pub async fn requests(&self, ids: &[RequestId]) -> Result<Vec<RequestResponse>> {
        let mut found = Vec::with_capacity(ids.len());
        let mut left = ids;
        while !left.is_empty() {
            let asked = &left[..left.len().min(limits::MAX_PAGE as usize)];
            let page: RequestsResponse = self.ask(&QueryMsg::Requests { requests: asked.to_vec() }).await?;
            let answered = match page.requests.last() {
                Some(last) => {
                    asked.iter().position(|id| *id == last.request).map_or(asked.len(), |at| at + 1)
                }
                None => asked.len(),
            };
            found.extend(page.requests);
            left = &left[answered..];
        }
        Ok(found)
    }

    /// A page of open requests above `after`; empty where there are none.
    ///
    /// # Errors
    /// As [`GatewayQuery::ask`].
    pub async fn open_page(&self, after: RequestId) -> Result<Vec<RequestResponse>> {
        let query = QueryMsg::OpenRequests { start_after: Some(after), limit: Some(limits::MAX_PAGE) };
        let page: OpenRequestsResponse = self.ask(&query).await?;
        let ids: Vec<_> = page.requests.iter().map(|request| request.request).collect();
        self.requests(&ids).await
    }

    /// Open requests above `after`, up to `last` at least.
    ///
    /// # Errors
    /// As [`GatewayQuery::ask`].
    pub async fn open_requests(&self, mut after: RequestId, last: RequestId) -> Result<Vec<RequestResponse>> {
        let mut open = Vec::new();
        loop {
            let page = self.open_page(after).await?;
            let Some(newest) = page.last().map(|request| request.request) else { return Ok(open) };
            open.extend(page);
            if newest >= last {
                return Ok(open);
            }
            after = newest;
        }
    }
}
