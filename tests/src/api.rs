//! A plain HTTP caller that keeps what was answered: status, headers and body. It never retries and
//! never guesses.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

/// One system under test, by its address.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    http: Client,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON, `null` where it is none.
    pub body: Value,
}

impl Api {
    /// A caller for the system at `base`, such as `http://127.0.0.1:8080`.
    pub fn new(base: &str) -> Self {
        let http = Client::builder().connect_timeout(Duration::from_secs(5)).build().unwrap();
        Self { base: base.trim_end_matches('/').to_owned(), http }
    }

    /// The address this caller speaks to.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A call that has not been sent yet. `path` begins with `/`.
    pub fn call(&self, method: Method, path: &str) -> Call {
        Call { request: self.http.request(method, format!("{}{path}", self.base)) }
    }

    /// A reading call.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// A call with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Call {
        self.call(Method::POST, path).json(body)
    }
}

/// A call being put together.
#[must_use]
pub struct Call {
    request: RequestBuilder,
}

impl Call {
    /// As the owner of this session token; `None` stays a visitor.
    pub fn token(self, token: Option<&str>) -> Self {
        match token {
            Some(token) => self.header("authorization", &format!("Bearer {token}")),
            None => self,
        }
    }

    /// With one header more.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value) }
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").text(body.to_string())
    }

    /// With a body taken as it is, and no content type of its own.
    pub fn text(self, body: impl Into<String>) -> Self {
        Self { request: self.request.body(body.into()) }
    }

    /// Sends it. An error means that no complete answer came: the system is gone, or took more than
    /// 60 s.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let response = self.request.timeout(Duration::from_mins(1)).send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = String::from_utf8_lossy(&response.bytes().await?).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { status, headers, text, body })
    }

    /// Sends it to a system that must be there.
    pub async fn send(self) -> Answer {
        self.try_send().await.unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }

    /// Sends it and leaves the body to be read bit by bit.
    pub(crate) async fn open(self) -> Result<reqwest::Response, reqwest::Error> {
        self.request.send().await
    }
}

impl Answer {
    /// The JSON body of an answer that must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "the answer was {} {}", self.status, self.text);
        self.body
    }

    /// One string field of the body.
    #[track_caller]
    pub fn string(&self, pointer: &str) -> String {
        string(&self.body, pointer)
    }
}

/// The string at `pointer`, which must be there.
#[track_caller]
pub fn string(body: &Value, pointer: &str) -> String {
    body.pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no text at {pointer} of {body}"))
        .to_owned()
}

/// The whole number at `pointer`, which must be there.
#[track_caller]
pub fn number(body: &Value, pointer: &str) -> i64 {
    body.pointer(pointer)
        .and_then(Value::as_i64)
        .unwrap_or_else(|| panic!("no whole number at {pointer} of {body}"))
}

/// The entries of the list at `pointer`, which must be there.
#[track_caller]
pub fn list<'a>(body: &'a Value, pointer: &str) -> &'a Vec<Value> {
    body.pointer(pointer)
        .and_then(Value::as_array)
        .unwrap_or_else(|| panic!("no list at {pointer} of {body}"))
}
