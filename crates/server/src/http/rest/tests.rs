//! Real connections: what a client that keeps one meets after a refusal.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use super::super::{
    serve::serve,
    tests::{BUYER, JSON, door},
};
use crate::drain::Drain;

const BODY: &str = r#"{"quantity":2}"#;
const SELLER: (&str, &str) =
    ("authorization", "Bearer 5555555555555555555555555555555555555555555555555555555555555555");

/// A connection to a server of its own.
async fn connection() -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, door(), Drain::default(), 9));
    TcpStream::connect(address).await.unwrap()
}

async fn write(socket: &mut TcpStream, bytes: &[u8]) {
    socket.write_all(bytes).await.unwrap();
    socket.flush().await.unwrap();
}

async fn write_head(socket: &mut TcpStream, line: &str, headers: &[(&str, &str)]) {
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers = headers.collect::<Vec<_>>().concat();
    write(socket, format!("{line} HTTP/1.1\r\nhost: tickets.example\r\n{headers}\r\n").as_bytes()).await;
}

/// One answer, head and body.
async fn answer(socket: &mut TcpStream) -> String {
    let read = async {
        let mut text = String::new();
        loop {
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                    return text;
                }
            }
            let mut bytes = [0; 4096];
            let count = socket.read(&mut bytes).await.unwrap();
            assert!(count > 0, "the connection was closed after {text:?}");
            text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        }
    };
    timeout(Duration::from_secs(5), read).await.expect("no answer")
}

/// The whole of a good request.
async fn a_good_one(socket: &mut TcpStream) {
    let headers = [BUYER, JSON, ("content-length", "14")];
    write_head(socket, "POST /v1/orders", &headers).await;
    write(socket, BODY.as_bytes()).await;
    let second = answer(socket).await;
    assert!(second.starts_with("HTTP/1.1 200 "), "{second}");
}

#[tokio::test]
async fn a_refusal_before_the_body_keeps_the_connection() {
    type Case<'c> = (&'c str, &'c [(&'c str, &'c str)], &'c str);

    let length = ("content-length", "14");
    let text = ("content-type", "text/plain");
    let cases: [Case<'_>; 6] = [
        ("POST /v1/orders", &[JSON, length], "401"),
        ("POST /v1/orders", &[JSON, SELLER, length], "403"),
        ("POST /v2/x", &[JSON, length], "404"),
        ("PUT /v1/orders", &[JSON, length], "405"),
        ("POST /v1/orders", &[BUYER, text, length], "415"),
        ("POST /v1/orders", &[BUYER, JSON, ("content-encoding", "gzip"), length], "415"),
    ];
    for (line, headers, status) in cases {
        let mut socket = connection().await;
        for _ in 0..3 {
            write_head(&mut socket, line, headers).await;
            // What is tested is a body that comes behind its head.
            sleep(Duration::from_millis(50)).await;
            write(&mut socket, BODY.as_bytes()).await;
            let first = answer(&mut socket).await;
            assert!(first.starts_with(&format!("HTTP/1.1 {status} ")), "{line}: {first}");
            assert!(!first.contains("connection: close"), "{line}: {first}");
            a_good_one(&mut socket).await;
        }
    }
}

#[tokio::test]
async fn a_long_rest_or_one_that_never_comes_is_said() {
    for length in ["1048576", "14"] {
        let mut socket = connection().await;
        write_head(&mut socket, "POST /v1/orders", &[JSON, ("content-length", length)]).await;
        let refusal = answer(&mut socket).await;
        assert!(refusal.starts_with("HTTP/1.1 401 "), "{refusal}");
        assert!(refusal.contains("\r\nconnection: close\r\n"), "{refusal}");
    }
}

#[tokio::test]
async fn a_rest_of_unknown_length_is_read_to_its_end_unless_it_is_long() {
    for (kibibytes, kept) in [(1, true), (65, false)] {
        let mut socket = connection().await;
        write_head(&mut socket, "POST /v1/orders", &[JSON, ("transfer-encoding", "chunked")]).await;
        for _ in 0..kibibytes {
            write(&mut socket, format!("400\r\n{}\r\n", "x".repeat(1024)).as_bytes()).await;
        }
        write(&mut socket, b"0\r\n\r\n").await;
        let refusal = answer(&mut socket).await;
        assert!(refusal.starts_with("HTTP/1.1 401 "), "{refusal}");
        assert_eq!(refusal.contains("\r\nconnection: close\r\n"), !kept, "{refusal}");
        if kept {
            a_good_one(&mut socket).await;
        }
    }
}

#[tokio::test]
async fn who_waits_before_sending_is_not_asked_for_a_body_that_is_refused() {
    let mut socket = connection().await;
    let waits = ("expect", "100-continue");
    write_head(&mut socket, "POST /v1/orders", &[JSON, waits, ("content-length", "14")]).await;
    let refusal = answer(&mut socket).await;
    assert!(refusal.starts_with("HTTP/1.1 401 ") && refusal.contains("connection: close"), "{refusal}");

    let mut socket = connection().await;
    write_head(&mut socket, "POST /v1/orders", &[BUYER, JSON, waits, ("content-length", "14")]).await;
    let go_on = answer(&mut socket).await;
    assert!(go_on.starts_with("HTTP/1.1 100 "), "{go_on}");
    write(&mut socket, BODY.as_bytes()).await;
    let done = answer(&mut socket).await;
    assert!(done.starts_with("HTTP/1.1 200 ") && !done.contains("connection: close"), "{done}");
}
