//! The files of the web application as `make web` built them, carried within the program.
//!
//! Promises: files whose names change with their contents are kept by browsers for good, all others
//! are asked for again with an `ETag`; each goes out as it was compressed at build time where the
//! browser takes that. Without a built application a plain page says how to get one.
//! Never: reads a file while it runs.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::http::layers;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Built;

const PAGE: &str = "index.html";
const UNBUILT: &str = include_str!("unbuilt.html");

/// Names under this folder carry a digest of their contents.
const NAMED_BY_CONTENT: &str = "assets/";
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// What a file may have been compressed to, the smaller first, with the end of its name.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

const ESCAPED_DOT: &str = "%2e";

/// A file of the application, or the page that becomes whatever the address says.
pub(super) fn serve(request: &Request) -> Response {
    serve_from::<Built>(request.uri().path(), request.headers())
}

fn serve_from<Files: RustEmbed>(path: &str, asked: &HeaderMap) -> Response {
    let path = path.trim_start_matches('/');
    if is_served(path)
        && let Some(answer) = file::<Files>(path, asked)
    {
        return answer;
    }
    if path.starts_with(NAMED_BY_CONTENT) || names_a_file(path) {
        return layers::not_found().into_response();
    }
    file::<Files>(PAGE, asked).unwrap_or_else(unbuilt)
}

/// What only the build needs has no address, nor has a compressed form of its own.
fn is_served(path: &str) -> bool {
    !is_hidden(path) && !ENCODINGS.iter().any(|(_, end)| path.ends_with(end))
}

/// No page's address looks like a file's.
fn names_a_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    is_hidden(path) || last.contains('.') || last.to_ascii_lowercase().contains(ESCAPED_DOT)
}

fn is_hidden(path: &str) -> bool {
    let hidden = |part: &str| part.starts_with('.') || part.to_ascii_lowercase().starts_with(ESCAPED_DOT);
    path.split('/').any(hidden)
}

fn unbuilt() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, ASK_AGAIN)];
    (headers, UNBUILT).into_response()
}

/// The file in the smallest form that the browser takes.
fn file<Files: RustEmbed>(path: &str, asked: &HeaderMap) -> Option<Response> {
    // A compressed form alone is no file: the plain one says that it exists.
    let plain = Files::get(path)?;
    let compressed = ENCODINGS
        .into_iter()
        .filter(|(encoding, _)| accepts(asked, encoding))
        .find_map(|(encoding, end)| Some((Some(encoding), Files::get(&format!("{path}{end}"))?)));
    let (encoding, found) = compressed.unwrap_or((None, plain));
    Some(answer(path, encoding, found, asked))
}

fn answer(path: &str, encoding: Option<&'static str>, found: EmbeddedFile, asked: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", hex::encode(&found.metadata.sha256_hash()[..16]));
    let known = asked.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let unchanged = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == etag));
    let mut response =
        if unchanged { StatusCode::NOT_MODIFIED.into_response() } else { body(found.data).into_response() };
    let headers = response.headers_mut();
    let lasts = if path.starts_with(NAMED_BY_CONTENT) { FOR_GOOD } else { ASK_AGAIN };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(path)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lasts));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.extend(HeaderValue::try_from(etag).ok().map(|etag| (header::ETAG, etag)));
    headers.extend(encoding.map(|name| (header::CONTENT_ENCODING, HeaderValue::from_static(name))));
    response
}

fn body(data: Cow<'static, [u8]>) -> Body {
    match data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    }
}

/// Whether the browser takes a form; one with `q=0` is refused.
fn accepts(asked: &HeaderMap, encoding: &str) -> bool {
    let listed = asked.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    listed.flat_map(|value| value.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight.trim();
        let refused = weight.strip_prefix("q=0").is_some_and(|rest| rest.bytes().all(|b| b"0.".contains(&b)));
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "webmanifest" | "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_browser_takes_is_sent() {
        let cases = [
            ("gzip, deflate, br", "br", true),
            ("gzip;q=1.0, *;q=0.5", "gzip", true),
            ("gzip;q=0, br", "gzip", false),
            ("gzip;q=0.0", "gzip", false),
            ("gzip;q=0.5", "gzip", true),
            ("", "br", false),
            ("brotli", "br", false),
        ];
        for (header, encoding, taken) in cases {
            let mut asked = HeaderMap::new();
            asked.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(header));
            assert_eq!(accepts(&asked, encoding), taken, "{header}");
        }
    }

    /// Files as a build leaves them; the contents say which is which.
    #[derive(RustEmbed)]
    #[folder = "src/http/pages/testing"]
    struct Example;

    /// Before anything was built.
    #[derive(RustEmbed)]
    #[folder = "src/http/pages/absent"]
    #[allow_missing = true]
    struct Nothing;

    const SCRIPT: &str = "/assets/main-1a2b3c.js";

    fn get<Files: RustEmbed>(path: &str, headers: &[(header::HeaderName, &str)]) -> Response {
        let headers =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        serve_from::<Files>(path, &headers.collect())
    }

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn every_address_of_a_page_is_the_application() {
        for path in ["/", "/events/evt_1", "/seller/events/evt_1/sales"] {
            let response = get::<Example>(path, &[]);
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], ASK_AGAIN, "{path}");
            assert!(text(response).await.contains("the page"), "{path}");
        }
    }

    #[tokio::test]
    async fn without_an_application_a_page_says_how_to_get_one() {
        let response = get::<Nothing>("/events/evt_1", &[]);
        assert_eq!(response.status(), StatusCode::OK);
        assert!(text(response).await.contains("make build"));
    }

    #[tokio::test]
    async fn an_absent_asset_is_no_page() {
        assert_eq!(get::<Example>("/assets/gone.js", &[]).status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn what_looks_like_a_file_and_is_none_is_not_found() {
        for path in [
            "/nope.js",
            "/robots.txt",
            "/favicon.ico",
            "/.well-known/security.txt",
            "/.well-known/change-password",
            "/.env",
            "/%2eenv",
            "/%2E%2E/etc",
            "/events/x%2Ehtml",
            "/events/x.html",
            "/wp-login.php",
        ] {
            assert_eq!(get::<Example>(path, &[]).status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(get::<Example>("/index.html", &[]).status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn what_only_the_build_needs_has_no_address() {
        assert!(Example::get(".vite/manifest.json").is_some(), "it is within the program");
        let compressed = [format!("{SCRIPT}.br"), format!("{SCRIPT}.gz")];
        for path in ["/.vite/manifest.json", "//.vite/manifest.json", &compressed[0], &compressed[1]] {
            assert_eq!(get::<Example>(path, &[]).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn what_is_named_by_its_content_is_kept_for_good() {
        let response = get::<Example>(SCRIPT, &[]);
        assert_eq!(response.headers()[header::CACHE_CONTROL], FOR_GOOD);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    }

    #[tokio::test]
    async fn a_browser_gets_the_smallest_form_it_takes() {
        let cases = [
            ("gzip, deflate, br, zstd", Some("br"), "br of the script"),
            ("gzip", Some("gzip"), "gzip of the script"),
            ("identity", None, "the script"),
        ];
        for (taken, encoding, contents) in cases {
            let response = get::<Example>(SCRIPT, &[(header::ACCEPT_ENCODING, taken)]);
            let got = response.headers().get(header::CONTENT_ENCODING).map(|got| got.to_str().unwrap());
            assert_eq!(got, encoding, "{taken}");
            assert_eq!(response.headers()[header::VARY], "accept-encoding", "{taken}");
            assert_eq!(text(response).await.trim(), contents, "{taken}");
        }
    }

    #[tokio::test]
    async fn what_a_browser_has_is_not_sent_again() {
        let etag = get::<Example>("/", &[]).headers()[header::ETAG].clone();
        let again = get::<Example>("/", &[(header::IF_NONE_MATCH, etag.to_str().unwrap())]);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()[header::ETAG], etag);
        assert_eq!(text(again).await, "");
        let other = get::<Example>("/", &[(header::IF_NONE_MATCH, "\"of an older build\"")]);
        assert_eq!(other.status(), StatusCode::OK);
    }
}
