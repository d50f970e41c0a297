//! Strict parsing of bodies, queries and paths: unknown or malformed fields are refused, with the
//! place and the reason.
//!
//! Promises: a body has a size limit, is JSON by its content type and its syntax, and has exactly
//! the fields that the route knows (give request types `#[serde(deny_unknown_fields)]`). Each
//! refusal says where, as a JSON pointer.
//! Never: checks a rule of a service, such as a range; services do, with the same [`Violation`].

use std::str::FromStr;

use api::problem::{Code, Problem};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request, rejection::BytesRejection},
    http::{HeaderMap, header, request::Parts},
};
use kernel::{Violation, limits, violation::code};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_path_to_error::Segment;

/// A JSON body.
#[derive(Debug)]
pub struct StrictJson<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for StrictJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        StrictJsonBytes::from_request(request, state).await.map(|StrictJsonBytes(value, _)| Self(value))
    }
}

/// A JSON body whose exact bytes matter too: an idempotency key is bound to them.
#[derive(Debug)]
pub struct StrictJsonBytes<T>(pub T, pub Bytes);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for StrictJsonBytes<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        require_json(request.headers())?;
        let body = Bytes::from_request(request, state).await.map_err(|rejection| unreadable(&rejection))?;
        Ok(Self(parse_json(&body)?, body))
    }
}

/// Nothing, or an empty JSON object: for a route whose body has no fields.
#[derive(Debug)]
pub struct NoBody;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        // Clients name the type of a body also where there is none.
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, state).await.map_err(|rejection| unreadable(&rejection))?;
        if !body.is_empty() {
            require_json(&headers)?;
            let Nothing {} = parse_json(&body)?;
        }
        Ok(Self)
    }
}

/// The parameters of the query.
#[derive(Debug)]
pub struct StrictQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for StrictQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_urlencoded::Deserializer::new(form(query));
        serde_path_to_error::deserialize(pairs)
            .map(Self)
            .map_err(|error| Problem::invalid(vec![violation(error.path(), &error.inner().to_string())]))
    }
}

fn form(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

/// The parameters of the path as texts or numbers. One that cannot be parsed is 404.
#[derive(Debug)]
pub struct PathOf<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(value)| Self(value)).map_err(|_| super::layers::not_found())
    }
}

/// An id or a name from the path. One that cannot be parsed is 404, as one that does not exist.
pub fn from_path<T: FromStr>(text: &str, what: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found(what))
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType, "The `Content-Type` header must be `application/json`."))
}

fn unreadable(rejection: &BytesRejection) -> Problem {
    if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(
            Code::BodyTooLarge,
            format!("The request body must be at most {} bytes long.", limits::REQUEST_BODY_BYTES),
        );
    }
    Problem::new(Code::RequestTimeout, "The request body was not received completely.")
}

/// Reads JSON text as `T`.
///
/// # Errors
/// 400 when it is no JSON, 422 when it is not what `T` is.
pub fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // Serde would also take an array as the fields in their order.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|&first| first != b'{') {
        serde_json::from_slice::<IgnoredAny>(body).map_err(|error| no_json(&error))?;
        return Err(Problem::invalid(vec![Violation::new("", code::WRONG_TYPE, "Must be a JSON object.")]));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let error = match serde_path_to_error::deserialize(&mut json) {
        Ok(value) => return json.end().map(|()| value).map_err(|error| no_json(&error)),
        Err(error) => error,
    };
    // The shape was refused where it was first wrong; the syntax after that place may be wrong too,
    // and that is reported first.
    if let Err(syntax) = serde_json::from_slice::<IgnoredAny>(body) {
        return Err(no_json(&syntax));
    }
    let message = error.inner().to_string();
    let message = message.rfind(" at line ").map_or(message.as_str(), |end| &message[..end]);
    Err(Problem::invalid(vec![violation(error.path(), message)]))
}

/// A field that may be absent, but not null: for `#[serde(default, deserialize_with = "given")]`.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(json: D) -> Result<Option<T>, D::Error> {
    T::deserialize(json).map(Some)
}

fn no_json(error: &serde_json::Error) -> Problem {
    Problem::new(Code::InvalidJson, format!("The request body is not valid JSON: {error}."))
}

/// How serde's sentences begin, which is part of its interface (`serde::de::Error`), and what they
/// mean.
const SENTENCES: [(&str, &str); 10] = [
    ("unknown field", code::UNKNOWN_FIELD),
    ("missing field", code::MISSING_FIELD),
    ("duplicate field", code::DUPLICATE),
    ("invalid type", code::WRONG_TYPE),
    ("expected value", code::WRONG_TYPE),
    ("invalid digit", code::WRONG_TYPE),
    ("provided string was not", code::WRONG_TYPE),
    ("invalid value", code::OUT_OF_RANGE),
    ("invalid length", code::OUT_OF_RANGE),
    ("number too", code::OUT_OF_RANGE),
];

/// What serde said, as a violation.
fn violation(path: &serde_path_to_error::Path, message: &str) -> Violation {
    let mut pointer = pointer_of(path);
    let field = message.split('`').nth(1).unwrap_or_default();
    let meant = SENTENCES.iter().find(|(beginning, _)| message.starts_with(beginning));
    let code = meant.map_or(code::INVALID_FORMAT, |(_, code)| code);
    if [code::UNKNOWN_FIELD, code::MISSING_FIELD, code::DUPLICATE].contains(&code) {
        name_field(&mut pointer, field);
    }
    Violation::new(pointer, code, sentence(message))
}

/// The pointer of a field that is not one of the value's: serde names it in words, and sometimes in
/// the path as well.
fn name_field(pointer: &mut String, field: &str) {
    let step = escaped(field);
    if pointer.rsplit('/').next() != Some(step.as_str()) || pointer.is_empty() {
        pointer.push('/');
        pointer.push_str(&step);
    }
}

fn pointer_of(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        let step = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => escaped(key),
            Segment::Enum { variant } => escaped(variant),
            Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&step);
    }
    pointer
}

fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the reading of it is tested")]
    struct Order {
        quantity: u16,
        kind: Kind,
        seats: Option<Vec<Seat>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the reading of it is tested")]
    struct Seat {
        row: u16,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Manual,
    }

    fn refusal(body: &str) -> (Code, Vec<(String, &'static str)>) {
        let problem = parse_json::<Order>(body.as_bytes()).unwrap_err();
        (problem.code(), problem.errors().iter().map(|e| (e.pointer.clone(), e.code)).collect())
    }

    #[test]
    fn each_broken_rule_is_reported_with_its_place() {
        let cases = [
            (r#"{"quantity":"2","kind":"manual"}"#, "/quantity", code::WRONG_TYPE),
            (r#"{"quantity":-1,"kind":"manual"}"#, "/quantity", code::OUT_OF_RANGE),
            (r#"{"quantity":70000,"kind":"manual"}"#, "/quantity", code::OUT_OF_RANGE),
            (r#"{"quantity":1.5,"kind":"manual"}"#, "/quantity", code::WRONG_TYPE),
            (r#"{"quantity":null,"kind":"manual"}"#, "/quantity", code::WRONG_TYPE),
            (r#"{"quantity":1,"kind":"auto"}"#, "/kind", code::INVALID_FORMAT),
            (r#"{"kind":"manual"}"#, "/quantity", code::MISSING_FIELD),
            (r#"{"quantity":1,"quantity":1,"kind":"manual"}"#, "/quantity", code::DUPLICATE),
            (r#"{"quantity":1,"kind":"manual","price":0}"#, "/price", code::UNKNOWN_FIELD),
            (r#"{"quantity":1,"kind":"manual","a/b":0}"#, "/a~1b", code::UNKNOWN_FIELD),
            (
                r#"{"quantity":1,"kind":"manual","seats":[{"row":1},{"row":"x"}]}"#,
                "/seats/1/row",
                code::WRONG_TYPE,
            ),
            (r#"{"quantity":1,"kind":"manual","seats":[{"row":1},{}]}"#, "/seats/1/row", code::MISSING_FIELD),
            (
                r#"{"quantity":1,"kind":"manual","seats":[{"row":1,"x":1}]}"#,
                "/seats/0/x",
                code::UNKNOWN_FIELD,
            ),
            (r#"{"quantity":1,"kind":null}"#, "/kind", code::WRONG_TYPE),
            (r#"{"quantity":1,"kind":7}"#, "/kind", code::WRONG_TYPE),
            (r"[]", "", code::WRONG_TYPE),
            (r#"[1,"manual",null]"#, "", code::WRONG_TYPE),
            (r"7", "", code::WRONG_TYPE),
        ];
        for (body, pointer, entry) in cases {
            assert_eq!(refusal(body), (Code::InvalidRequest, vec![(pointer.to_owned(), entry)]), "{body}");
        }
    }

    #[test]
    fn what_is_no_json_is_reported_as_such_even_after_a_broken_rule() {
        for body in
            ["", "{", r#"{"quantity":"2","kind"}"#, r#"{"quantity":1,"kind":"manual"} x"#, "\u{feff}{}"]
        {
            assert_eq!(refusal(body).0, Code::InvalidJson, "{body}");
        }
    }
}
