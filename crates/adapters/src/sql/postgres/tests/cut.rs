//! A way to the server that can be cut in a COMMIT.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Duration, sleep},
};

use crate::sql::DatabaseUrl;

/// The simple query COMMIT, as it goes over the wire.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

/// Where a COMMIT is lost. The client loses its connection each time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cut {
    /// On the way there.
    BeforeTheServer,
    /// The server gets it; the answer is lost.
    AfterTheServer,
    /// On the way, for longer than the client needs to come back; then the server gets it.
    DeliverLate,
}

/// Passes connections on.
pub(super) struct Proxy {
    port: u16,
    next: Arc<Mutex<Option<Cut>>>,
}

impl Proxy {
    pub(super) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let next = Arc::new(Mutex::new(None));
        let cut = Arc::clone(&next);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                tokio::spawn(pass_on(client, server, Arc::clone(&cut)));
            }
        });
        Self { port, next }
    }

    /// The same database, by this way.
    pub(super) fn place(&self, place: &DatabaseUrl) -> DatabaseUrl {
        let DatabaseUrl::Server(options) = place else { panic!("it is on a server") };
        DatabaseUrl::Server(Box::new((**options).clone().port(self.port)))
    }

    pub(super) fn cut_the_next_commit(&self, cut: Cut) {
        *self.next.lock().unwrap() = Some(cut);
    }

    pub(super) fn has_cut(&self) -> bool {
        self.next.lock().unwrap().is_none()
    }
}

/// Ends, and with it both connections, when either side ends or a COMMIT is cut.
async fn pass_on(mut client: TcpStream, mut server: TcpStream, next: Arc<Mutex<Option<Cut>>>) {
    let (mut asked, mut answered) = ([0; 16_384], [0; 16_384]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(read @ 1..) = read else { return };
                let cut = if &asked[..read] == COMMIT { next.lock().unwrap().take() } else { None };
                match cut {
                    None => server.write_all(&asked[..read]).await.unwrap(),
                    Some(Cut::BeforeTheServer) => return,
                    Some(Cut::AfterTheServer) => {
                        server.write_all(COMMIT).await.unwrap();
                        // It has answered, so it has committed.
                        assert_ne!(server.read(&mut answered).await.unwrap(), 0);
                        return;
                    }
                    Some(Cut::DeliverLate) => {
                        drop(client);
                        sleep(Duration::from_millis(700)).await;
                        server.write_all(COMMIT).await.unwrap();
                        assert_ne!(server.read(&mut answered).await.unwrap(), 0);
                        return;
                    }
                }
            }
            read = server.read(&mut answered) => {
                let Ok(read @ 1..) = read else { return };
                if client.write_all(&answered[..read]).await.is_err() { return }
            }
        }
    }
}
