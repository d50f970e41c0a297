//! Apache Kafka: one node that is broker and controller (KRaft), run by Java from the packages that `scripts/setup-cluster` fetched.
//!
//! Where those are: `TICKETING_KAFKA_LIBS`, or `~/.cache/ticketing/kafka/libs`.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rustix::process::Signal;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    process::Command,
    time::timeout,
};
use uuid::Uuid;

use crate::{
    Folder, free_port,
    process::{Launch, Process, signals},
};

/// What the broker is told beyond its addresses: a single node, quick to notice who is gone, small.
const SETTINGS: &str = "\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=5
share.coordinator.state.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
group.consumer.min.session.timeout.ms=3000
group.consumer.session.timeout.ms=5000
group.consumer.min.heartbeat.interval.ms=500
group.consumer.heartbeat.interval.ms=1000
group.consumer.assignment.interval.ms=100
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=33554432
log.index.size.max.bytes=1048576
";

/// Log4j prints nothing below an error unless it is told to.
const LOGGING: &str = "\
rootLogger.level=info
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %-5p %c{1}: %m%n
";

/// An answer must come within this time; a frozen broker still takes connections.
const ANSWER: Duration = Duration::from_secs(2);

/// How a broker is started.
#[derive(Clone, Debug)]
pub struct KafkaOptions {
    /// Kept when it ends; without one, the data goes with it.
    pub data: Option<PathBuf>,
    /// Where it listens; without one, on a free port.
    pub port: Option<u16>,
    /// Where its controller listens; without one, on a free port.
    pub controller_port: Option<u16>,
    /// Memory of the JVM in MiB.
    pub heap_mb: u32,
    /// Settings of the broker beyond ours; they win.
    pub properties: Vec<(String, String)>,
}

impl Default for KafkaOptions {
    fn default() -> Self {
        Self { data: None, port: None, controller_port: None, heap_mb: 512, properties: Vec::new() }
    }
}

/// A broker.
#[derive(Debug)]
pub struct Kafka {
    process: Process,
    port: u16,
    folder: Folder,
}

signals!(Kafka);

impl Kafka {
    /// Starts one and waits until it answers clients.
    ///
    /// # Errors
    /// When its packages are missing or it does not start.
    pub async fn start(options: &KafkaOptions) -> anyhow::Result<Self> {
        let folder = Folder::new(options.data.as_deref())?;
        let port = options.port.map_or_else(free_port, Ok)?;
        let controller = options.controller_port.map_or_else(free_port, Ok)?;
        let classes = classes()?;
        let properties = folder.path().join("server.properties");
        fs::write(&properties, settings(options, folder.path(), port, controller)?)?;
        fs::write(folder.path().join("log4j2.properties"), LOGGING)?;
        let log = folder.path().join("kafka.log");
        if !folder.path().join("data/meta.properties").exists() {
            format(&classes, &properties).await?;
        }

        let mut arguments = vec![
            format!("-Xms{0}m", options.heap_mb / 2),
            format!("-Xmx{0}m", options.heap_mb),
            // Two cores gain nothing from collecting beside the work.
            "-XX:+UseSerialGC".to_owned(),
            // Compiling hot code a second time costs more than a rush wins by it: 44 s of processor against 25.
            "-XX:TieredStopAtLevel=1".to_owned(),
            format!("-Dlog4j2.configurationFile={}", folder.path().join("log4j2.properties").display()),
        ];
        arguments.extend(["-cp".to_owned(), classes, "kafka.Kafka".to_owned()]);
        let mut arguments: Vec<_> = arguments.into_iter().map(Into::into).collect();
        arguments.push(properties.into_os_string());
        let process = Process::new(Launch {
            name: "kafka",
            program: "java".into(),
            arguments,
            environment: Vec::new(),
            user: None,
            log,
            output: None,
            farewell: "KILL",
        });
        let kafka = Self { process, port, folder };
        kafka.start_again().await?;
        Ok(kafka)
    }

    /// Where clients reach it, such as `127.0.0.1:23001`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where its data and its log `kafka.log` are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Asks it to end and waits for that.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(&self) -> anyhow::Result<()> {
        self.process.stop(Signal::TERM).await
    }

    /// Starts it after a stop or a kill, on the same data and port, and waits until it answers clients.
    ///
    /// # Errors
    /// When it runs or does not start.
    pub async fn start_again(&self) -> anyhow::Result<()> {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        self.process.start(async || answers(address).await).await
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        if !self.folder.is_temporary() {
            self.process.stop_blocking(Signal::TERM);
        }
    }
}

/// The class path of the broker.
fn classes() -> anyhow::Result<String> {
    let libs = if let Some(named) = std::env::var_os("TICKETING_KAFKA_LIBS") {
        PathBuf::from(named)
    } else {
        std::env::home_dir().context("there is no home folder")?.join(".cache/ticketing/kafka/libs")
    };
    if !libs.exists() {
        bail!("no packages of Kafka at {}: run `make setup-cluster`", libs.display());
    }
    Ok(format!("{}/*", libs.display()))
}

fn settings(options: &KafkaOptions, folder: &Path, port: u16, controller: u16) -> anyhow::Result<String> {
    let mut text = SETTINGS.to_owned();
    writeln!(text, "listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}")?;
    writeln!(text, "controller.quorum.voters=1@127.0.0.1:{controller}")?;
    writeln!(text, "log.dirs={}", folder.join("data").display())?;
    for (key, value) in &options.properties {
        writeln!(text, "{key}={value}")?;
    }
    Ok(text)
}

/// Makes the data folder of a new cluster.
async fn format(classes: &str, properties: &Path) -> anyhow::Result<()> {
    let id = URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes());
    let output = Command::new("java")
        .args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-cp", classes])
        .args(["kafka.tools.StorageTool", "format", &format!("--cluster-id={id}"), "--config"])
        .arg(properties)
        .output()
        .await
        .context("cannot run java")?;
    if !output.status.success() {
        bail!("the data folder of kafka cannot be made: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Whether the broker serves clients: it answers which requests it understands. It does so only when it has joined its cluster. The broker brings no
/// client that starts faster than the broker itself, so this one request is written by hand.
async fn answers(address: SocketAddr) -> bool {
    const API_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(&API_VERSIONS).await?;
        // The size, the number of the request, the error code.
        let mut head = [0; 10];
        stream.read_exact(&mut head).await?;
        std::io::Result::Ok(head[4..] == [0, 0, 0, 1, 0, 0])
    };
    matches!(timeout(ANSWER, ask).await, Ok(Ok(true)))
}
