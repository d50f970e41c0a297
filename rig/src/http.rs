//! A minimal HTTP client: whether a server answers, and with which status.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// An answer must come within this time; a frozen process still takes connections.
const ANSWER: Duration = Duration::from_secs(2);

/// The status that a GET of this path is answered with; nothing when there is no answer.
pub(crate) async fn status(address: SocketAddr, path: &str) -> Option<u16> {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await?;
        // `HTTP/1.0 200`
        let mut head = [0; 12];
        stream.read_exact(&mut head).await?;
        std::io::Result::Ok(head)
    };
    let head = timeout(ANSWER, ask).await.ok()?.ok()?;
    std::str::from_utf8(&head[9..]).ok()?.parse().ok()
}
