//! The whole cluster on one machine: Kafka, PostgreSQL, Redis, one process of booking, two of
//! seat_reservation, one of event_ticketing, and HAProxy in front of them, as `deploy/` has it for
//! several machines.
//!
//! Promises: it is ready when a start returns; on the same folder it resumes with the same data.
//! Every part can be killed, frozen and started again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use futures::future::try_join_all;
use tokio::try_join;
use uuid::Uuid;

use crate::{
    Folder, HaProxy, HaProxyOptions, Kafka, KafkaOptions, Postgres, PostgresOptions, Redis, RedisOptions,
    Server, free_port, server::ServerOptions,
};

/// The same file that `deploy/` runs.
const HAPROXY: &str = include_str!("../../deploy/haproxy/haproxy.cfg");
const ROLES: &str = include_str!("../../deploy/postgres/roles.sql");

/// Where PostgreSQL is, in the folder.
const POSTGRES: &str = "postgres";
/// Each is the name of a database and of the role that may enter it.
const DATABASES: [&str; 4] = ["accounts", "booking", "event_ticketing", SANDBOX];
/// The ledger of the payment provider.
const SANDBOX: &str = "payment_sandbox";

/// The processes of the product: name and role.
const SERVERS: [(&str, &str); 4] = [
    ("seats-1", "seat-reservation"),
    ("seats-2", "seat-reservation"),
    ("booking", "booking"),
    (EVENT_TICKETING, EVENT_TICKETING),
];
/// The role that makes the demo's event, and its process.
const EVENT_TICKETING: &str = "event-ticketing";

/// How a cluster is started.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// The program `ticketing`.
    pub program: PathBuf,
    /// Kept when it ends; without one, everything goes with it.
    pub data: Option<PathBuf>,
    /// Where each part listens; without them, on free ports.
    pub ports: Option<Ports>,
    /// Make the demo's users and event.
    pub demo: bool,
    /// For hours rather than for a test: the database syncs, the broker has more memory.
    pub long_lived: bool,
    /// Settings of every process of the product, by the names of their variables.
    pub settings: Vec<(String, String)>,
}

/// The ports of a cluster.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    pub front: u16,
    pub front_metrics: u16,
    /// Of the processes of the product, in their order.
    pub servers: [u16; SERVERS.len()],
    pub kafka: u16,
    pub kafka_controller: u16,
    pub postgres: u16,
    pub redis: u16,
}

impl Ports {
    /// Those of `make cluster`, beside the usual ones of each server.
    pub const USUAL: Self = Self {
        front: 8080,
        front_metrics: 8084,
        servers: [8091, 8092, 8081, 8082],
        kafka: 19092,
        kafka_controller: 19093,
        postgres: 15432,
        redis: 16379,
    };

    fn free() -> anyhow::Result<Self> {
        let mut servers = [0; SERVERS.len()];
        for port in &mut servers {
            *port = free_port()?;
        }
        Ok(Self {
            front: free_port()?,
            front_metrics: free_port()?,
            servers,
            kafka: free_port()?,
            kafka_controller: free_port()?,
            postgres: free_port()?,
            redis: free_port()?,
        })
    }
}

/// A cluster.
#[derive(Debug)]
pub struct Cluster {
    // Fields are dropped in this order: what needs others is dropped before them.
    haproxy: HaProxy,
    servers: [Server; SERVERS.len()],
    redis: Redis,
    kafka: Kafka,
    postgres: Postgres,
    settings: Vec<(String, String)>,
    folder: Folder,
}

impl Cluster {
    /// Starts one and waits until each of its parts is ready.
    ///
    /// # Errors
    /// When a part does not start.
    pub async fn start(options: &ClusterOptions) -> anyhow::Result<Self> {
        let folder = Folder::new(options.data.as_deref())?;
        let ports = options.ports.map_or_else(Ports::free, Ok)?;
        let (kafka, postgres, redis) = start_stores(options, &ports, folder.path()).await?;
        let mut settings = create_databases(&postgres).await?;
        settings.extend(
            [
                ("TICKETING_KAFKA", kafka.address()),
                ("TICKETING_KAFKA_REPLICATION", "1".to_owned()),
                ("TICKETING_REDIS", redis.url()),
                ("TICKETING_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
            ]
            .map(|(key, value)| (key.to_owned(), value)),
        );
        settings.extend(options.settings.iter().cloned());

        let server = |n: usize| {
            let (name, role) = SERVERS[n];
            let options = ServerOptions {
                name,
                program: options.program.clone(),
                role,
                demo: options.demo && role == EVENT_TICKETING,
                folder: folder.path().to_path_buf(),
                port: ports.servers[n],
                settings: settings.clone(),
            };
            Server::new(&options, !folder.is_temporary())
        };
        let servers: [Server; SERVERS.len()] = std::array::from_fn(server);
        try_join_all(servers.iter().map(Server::start_again)).await?;
        let haproxy = HaProxy::start(&front(&ports, folder.path())).await?;
        haproxy.ready().await?;
        Ok(Self { haproxy, servers, redis, kafka, postgres, settings, folder })
    }

    /// Removes what a cluster left in this folder. It must have ended.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn forget(folder: &Path) -> anyhow::Result<()> {
        for path in [folder.to_path_buf(), Postgres::elsewhere(&folder.join(POSTGRES))?] {
            if path.exists() {
                fs::remove_dir_all(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        Ok(())
    }

    /// A part that is not running.
    pub fn missing(&self) -> Option<&'static str> {
        let stores =
            [("redis", self.redis.id()), ("kafka", self.kafka.id()), ("postgres", self.postgres.id())];
        let servers = SERVERS.iter().zip(&self.servers).map(|((name, _), server)| (*name, server.id()));
        let mut parts = [("haproxy", self.haproxy.id())].into_iter().chain(servers).chain(stores);
        parts.find(|(_, id)| id.is_none()).map(|(name, _)| name)
    }

    /// Where buyers reach it, such as `http://127.0.0.1:8080`.
    pub fn url(&self) -> String {
        self.haproxy.url()
    }

    /// Where its data and the logs of its parts are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The settings that every process of the product was given, for other programs of it.
    pub fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    pub fn haproxy(&self) -> &HaProxy {
        &self.haproxy
    }

    /// The processes of the product, each with its name.
    pub fn servers(&self) -> impl Iterator<Item = (&'static str, &Server)> {
        SERVERS.iter().map(|(name, _)| *name).zip(&self.servers)
    }

    pub fn booking(&self) -> &Server {
        self.server("booking")
    }

    pub fn event_ticketing(&self) -> &Server {
        self.server(EVENT_TICKETING)
    }

    /// Both seat servers.
    pub fn seats(&self) -> [&Server; 2] {
        ["seats-1", "seats-2"].map(|name| self.server(name))
    }

    fn server(&self, name: &str) -> &Server {
        let named = self.servers().find(|(each, _)| *each == name);
        named.map_or_else(|| unreachable!("SERVERS has {name}"), |(_, server)| server)
    }

    pub fn kafka(&self) -> &Kafka {
        &self.kafka
    }

    pub fn postgres(&self) -> &Postgres {
        &self.postgres
    }

    pub fn redis(&self) -> &Redis {
        &self.redis
    }

    /// Stops the processes of the product, so that what they stored can be looked at: the servers
    /// below them keep running.
    ///
    /// # Errors
    /// When one had to be killed.
    pub async fn stop_product(&self) -> anyhow::Result<()> {
        try_join_all(self.servers.iter().map(Server::stop)).await.map(drop)
    }

    /// Starts them again and waits until a caller finds them ready.
    ///
    /// # Errors
    /// When one does not start.
    pub async fn start_product(&self) -> anyhow::Result<()> {
        try_join_all(self.servers.iter().map(Server::start_again)).await?;
        self.haproxy.ready().await
    }

    /// Ends everything in order: the proxy, the product, the servers below it.
    ///
    /// # Errors
    /// When a part had to be killed; the others have ended all the same.
    pub async fn stop(self) -> anyhow::Result<()> {
        let ends = [
            self.haproxy.stop().await,
            self.stop_product().await,
            self.redis.stop().await,
            self.kafka.stop().await,
            self.postgres.stop().await,
        ];
        ends.into_iter().collect()
    }
}

/// What the product stands on.
async fn start_stores(
    options: &ClusterOptions,
    ports: &Ports,
    folder: &Path,
) -> anyhow::Result<(Kafka, Postgres, Redis)> {
    let kafka = KafkaOptions {
        data: Some(folder.join("kafka")),
        port: Some(ports.kafka),
        controller_port: Some(ports.kafka_controller),
        heap_mb: if options.long_lived { 1024 } else { 512 },
        properties: Vec::new(),
    };
    let postgres = PostgresOptions {
        data: Some(folder.join(POSTGRES)),
        port: Some(ports.postgres),
        synced: options.long_lived,
    };
    let redis = RedisOptions { data: Some(folder.join("redis")), port: Some(ports.redis) };
    try_join!(Kafka::start(&kafka), Postgres::start(&postgres), Redis::start(&redis))
}

/// Makes the databases and their roles, with new passwords at every start, and answers with the
/// settings that name them.
async fn create_databases(postgres: &Postgres) -> anyhow::Result<Vec<(String, String)>> {
    let passwords = DATABASES.map(|name| (name, Uuid::new_v4().simple().to_string()));
    let variables =
        passwords.each_ref().map(|(name, password)| (format!("{}_PASSWORD", name.to_uppercase()), password));
    let variables = variables.each_ref().map(|(name, password)| (name.as_str(), password.as_str()));
    postgres.run_script("postgres", ROLES, &variables).await.context("cannot make the databases")?;
    let setting = |(name, password): &(&str, String)| {
        let variable = match *name {
            SANDBOX => "TICKETING_PAYMENT_PROVIDER".to_owned(),
            name => format!("TICKETING_DATABASE_{}", name.to_uppercase()),
        };
        (variable, postgres.url(name, password, name))
    };
    Ok(passwords.iter().map(setting).collect())
}

fn front(ports: &Ports, folder: &Path) -> HaProxyOptions {
    let front = [
        ("TICKETING_FRONT".to_owned(), ports.front),
        ("TICKETING_PROXY_METRICS".to_owned(), ports.front_metrics),
    ];
    let servers = SERVERS.iter().zip(ports.servers);
    let servers = servers
        .map(|((name, _), port)| (format!("TICKETING_{}", name.to_uppercase().replace('-', "_")), port));
    HaProxyOptions {
        data: Some(folder.join("haproxy")),
        configuration: HAPROXY.to_owned(),
        environment: front
            .into_iter()
            .chain(servers)
            .map(|(name, port)| (name, format!("127.0.0.1:{port}")))
            .chain([("TICKETING_DOMAIN".to_owned(), String::new())])
            .collect(),
        port: ports.front,
    }
}
