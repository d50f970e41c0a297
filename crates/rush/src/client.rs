//! One HTTP/1.1 connection to the running system, kept open, and opened again when it breaks.
//!
//! Cheaper than a pooled client, since a line of a buyer does one thing at a time. Plain `http://`
//! only. Repeats a request on 429, 503 and broken connections for a limited time, which is safe
//! because every request that changes something carries an Idempotency-Key or may be repeated.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::tally::{Tally, Trouble};
use super::wire::{BookingAnswer, problem_code};

/// How long one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
const FIRST_PATIENCE: Duration = Duration::from_secs(3);
/// Pause before a broken connection is opened again, or a request in flight is asked for again.
const SHORT_PAUSE: Duration = Duration::from_millis(50);
/// Pause when a 429 or 503 does not say.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(1);

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Where the system listens.
#[derive(Debug)]
pub(super) struct Target {
    address: String,
    host: HeaderValue,
    /// Path before `/v1`, when the system is served under one; no slash at the end.
    prefix: String,
    /// How long a request is repeated before the buyer gives up.
    pub(super) patience: Duration,
}

impl Target {
    /// Reads an address such as `http://127.0.0.1:8080`.
    pub(super) fn parse(url: &str, patience: Duration) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().with_context(|| format!("`{url}` is not an address"))?;
        if uri.scheme_str() != Some("http") {
            bail!("`{url}`: only addresses that begin with http:// are supported");
        }
        let authority = uri.authority().with_context(|| format!("`{url}` names no host"))?;
        if authority.as_str().contains('@') {
            bail!("--url takes no user name and no password");
        }
        Ok(Self {
            address: format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(80)),
            host: HeaderValue::from_str(authority.as_str())?,
            prefix: uri.path().trim_end_matches('/').to_owned(),
            patience,
        })
    }
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
    retry_after: Option<Duration>,
}

impl Reply {
    /// The answer as a trouble of the call named `call`.
    pub(super) fn trouble(&self, call: &str) -> Trouble {
        let code = problem_code(&self.body);
        Trouble::new(format!("{call}-{}-{code}", self.status.as_u16()), self.text())
    }

    /// The beginning of the body.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(400).collect()
    }

    /// Whether it is this problem of the contract.
    pub(super) fn is(&self, status: StatusCode, code: &str) -> bool {
        self.status == status && problem_code(&self.body) == code
    }

    /// It must be this problem of the contract; `call` names the error.
    pub(super) fn refused(&self, status: StatusCode, code: &str, call: &str) -> Result<(), Trouble> {
        if self.is(status, code) { Ok(()) } else { Err(self.trouble(call)) }
    }

    /// The id of the booking that it answers.
    pub(super) fn booking_id(&self) -> Result<&str, Trouble> {
        serde_json::from_slice::<BookingAnswer<'_>>(&self.body)
            .map(|booking| booking.id)
            .map_err(|error| Trouble::new("unreadable-booking", error.to_string()))
    }

    /// Why to send the request again, and after what pause; `None` when this answer stands.
    fn repeat(&self) -> Option<(&'static str, Duration)> {
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => Some(("429", self.retry_after.unwrap_or(DEFAULT_RETRY_AFTER))),
            StatusCode::SERVICE_UNAVAILABLE => Some(("503", self.retry_after.unwrap_or(DEFAULT_RETRY_AFTER))),
            StatusCode::CONFLICT if problem_code(&self.body) == "idempotency-key-in-use" => {
                Some(("409-in-use", SHORT_PAUSE))
            }
            _ => None,
        }
    }
}

/// One request, to be sent once or several times.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) idempotency_key: Option<HeaderValue>,
    pub(super) body: Bytes,
}

impl Call {
    /// A reading request.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), idempotency_key: None, body: Bytes::new() }
    }

    /// A request with a JSON body.
    pub(super) fn post(path: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { method: Method::POST, path: path.into(), idempotency_key: None, body: body.into() }
    }
}

/// One connection, with the buyer's token on every request.
#[derive(Debug)]
pub(super) struct Connection {
    target: Arc<Target>,
    authorization: Option<HeaderValue>,
    sender: Option<SendRequest<Full<Bytes>>>,
    patience: Duration,
}

impl Connection {
    /// Opens nothing yet.
    pub(super) fn new(target: Arc<Target>, authorization: Option<HeaderValue>) -> Self {
        Self { patience: target.patience, target, authorization, sender: None }
    }

    /// Gives up soon: for the first word with a system that may not be there.
    pub(super) fn in_a_hurry(self) -> Self {
        Self { patience: FIRST_PATIENCE, ..self }
    }

    /// Sends a call and reads the whole answer; repeats where that is allowed, counting it.
    pub(super) async fn call(&mut self, call: &Call, tally: &Tally) -> Result<Reply, Trouble> {
        let begun = Instant::now();
        loop {
            let (reason, pause, last) = match tokio::time::timeout(REQUEST_TIMEOUT, self.once(call)).await {
                Ok(Ok(reply)) => match reply.repeat() {
                    None => return Ok(reply),
                    Some((reason, pause)) => (reason, pause, reply.trouble("gave-up")),
                },
                Ok(Err(error)) => {
                    ("connection", SHORT_PAUSE, Trouble::new("unreachable", format!("{error:#}")))
                }
                Err(_) => (
                    "timeout",
                    SHORT_PAUSE,
                    Trouble::new("no-answer", format!("{} {}", call.method, call.path)),
                ),
            };
            if begun.elapsed() + pause > self.patience {
                return Err(last);
            }
            if matches!(reason, "connection" | "timeout") {
                self.sender = None;
            }
            tally.retry(reason);
            tokio::time::sleep(pause).await;
        }
    }

    async fn once(&mut self, call: &Call) -> anyhow::Result<Reply> {
        let response = self.send(call, &[]).await?;
        let (head, mut body) = response.into_parts();
        let seconds =
            head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let body = whole(&mut body).await?;
        Ok(Reply { status: head.status, body, retry_after: seconds.map(Duration::from_secs) })
    }

    /// Sends a call and leaves the answer's body to be read as it comes.
    pub(super) async fn stream(
        &mut self,
        call: &Call,
        last_event_id: &str,
    ) -> anyhow::Result<Response<Incoming>> {
        let stream = HeaderValue::from_static("text/event-stream");
        let last_id = HeaderName::from_static("last-event-id");
        if last_event_id.is_empty() {
            self.send(call, &[(ACCEPT, stream)]).await
        } else {
            self.send(call, &[(ACCEPT, stream), (last_id, HeaderValue::from_str(last_event_id)?)]).await
        }
    }

    async fn send(
        &mut self,
        call: &Call,
        more: &[(HeaderName, HeaderValue)],
    ) -> anyhow::Result<Response<Incoming>> {
        let request = self.request(call, more)?;
        let sender = self.ready().await?;
        Ok(sender.send_request(request).await?)
    }

    fn request(
        &self,
        call: &Call,
        more: &[(HeaderName, HeaderValue)],
    ) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut request = Request::new(Full::new(call.body.clone()));
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = if self.target.prefix.is_empty() {
            call.path.parse()?
        } else {
            format!("{}{}", self.target.prefix, call.path).parse()?
        };
        let headers = request.headers_mut();
        headers.insert(HOST, self.target.host.clone());
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        if !call.body.is_empty() {
            headers.insert(CONTENT_TYPE, JSON);
        }
        if let Some(key) = &call.idempotency_key {
            headers.insert(IDEMPOTENCY_KEY, key.clone());
        }
        headers.extend(more.iter().cloned());
        Ok(request)
    }

    async fn ready(&mut self) -> anyhow::Result<&mut SendRequest<Full<Bytes>>> {
        let usable = match &mut self.sender {
            Some(sender) => sender.ready().await.is_ok(),
            None => false,
        };
        if !usable {
            self.sender = None;
        }
        match &mut self.sender {
            Some(sender) => Ok(sender),
            empty => Ok(empty.insert(open(&self.target.address).await?)),
        }
    }
}

async fn open(address: &str) -> anyhow::Result<SendRequest<Full<Bytes>>> {
    let socket = TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
    socket.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(socket)).await?;
    // A broken connection shows in the next request on it.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

/// The whole body; in the usual case the one frame it came in, without copying.
async fn whole(body: &mut Incoming) -> anyhow::Result<Bytes> {
    let mut first = Bytes::new();
    let mut joined: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if first.is_empty() {
            first = data;
            continue;
        }
        if joined.is_empty() {
            joined.extend_from_slice(&first);
        }
        joined.extend_from_slice(&data);
    }
    Ok(if joined.is_empty() { first } else { Bytes::from(joined) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn addresses_are_plain_http_with_an_optional_path() {
        let read =
            |url| Target::parse(url, FIRST_PATIENCE).map(|target| (target.address, target.prefix)).ok();
        assert_eq!(read("http://127.0.0.1:8080"), Some(("127.0.0.1:8080".into(), String::new())));
        assert_eq!(read("http://host/under/"), Some(("host:80".into(), "/under".into())));
        let said = Target::parse("http://ann:hunter2@host", FIRST_PATIENCE).unwrap_err().to_string();
        assert!(said.contains("--url") && !said.contains("hunter2"), "{said}");
        for bad in ["https://host", "host:80", "", "http://"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn busy_answers_are_repeated_after_the_time_they_name_and_others_stand() {
        let reply = |status, code: &str, after| Reply {
            status: StatusCode::from_u16(status).unwrap(),
            body: Bytes::from(format!(r#"{{"code":"{code}"}}"#)),
            retry_after: after,
        };
        let two = Duration::from_secs(2);
        assert_eq!(reply(503, "unavailable", Some(two)).repeat(), Some(("503", two)));
        assert_eq!(reply(429, "too-many-requests", None).repeat(), Some(("429", DEFAULT_RETRY_AFTER)));
        assert_eq!(reply(409, "idempotency-key-in-use", None).repeat(), Some(("409-in-use", SHORT_PAUSE)));
        for (status, code) in [(200, ""), (409, "wrong-state"), (500, "internal"), (402, "payment-declined")]
        {
            assert_eq!(reply(status, code, None).repeat(), None, "{status} {code}");
        }
        assert_eq!(reply(500, "internal", None).trouble("book").kind, "book-500-internal");
    }
}
