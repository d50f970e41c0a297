//! What can be configured, where each value comes from, and what is in force.
//!
//! Promises: it starts with nothing (every key has a default here); a flag wins over `TICKETING_…`, that over the file, that over the default.
//! A key that the file misspells is refused. Never: holds a secret.

use std::{
    fmt::{self, Display, Write as _},
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use anyhow::{Context, bail};
use clap::{ArgMatches, Args, parser::ValueSource};
use kernel::limits;
use serde::{Deserialize, Serialize};

use crate::telemetry::LogFormat;

/// The flags, which `TICKETING_…` variables and the file's keys mirror.
#[derive(Debug, Clone, Default, Args)]
pub struct ConfigArgs {
    /// File with any of these settings (TOML; keys as `ticketing config` prints them)
    #[arg(long, env = "TICKETING_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, env = "TICKETING_LISTEN", value_name = "ADDR")]
    pub listen: Option<SocketAddr>,

    /// Folder that holds everything the server keeps [default: ./data]
    #[arg(long, env = "TICKETING_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// How long a buyer has to pay, such as `15m` or `2s` [default: 15m]
    #[arg(long, env = "TICKETING_PAYMENT_WINDOW", value_name = "DURATION")]
    pub payment_window: Option<Span>,

    /// Log level, or levels by target, such as `info,request=debug` [default: info]
    #[arg(long, env = "TICKETING_LOG", value_name = "FILTER")]
    pub log: Option<String>,

    /// How log lines look [default: text]
    #[arg(long, env = "TICKETING_LOG_FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,

    /// Address of a proxy in front whose X-Forwarded-For is believed; may be repeated
    #[arg(long, env = "TICKETING_TRUSTED_PROXIES", value_name = "IP", value_delimiter = ',')]
    pub trusted_proxies: Option<Vec<IpAddr>>,

    /// Send session cookies over TLS only: for a server behind a TLS proxy [default: false]
    #[arg(long, env = "TICKETING_SECURE_COOKIES", num_args = 0..=1, default_missing_value = "true")]
    pub secure_cookies: Option<bool>,
}

/// The same settings in a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<SocketAddr>,
    data: Option<PathBuf>,
    payment_window: Option<Span>,
    log: Option<String>,
    log_format: Option<LogFormat>,
    trusted_proxies: Option<Vec<IpAddr>>,
    secure_cookies: Option<bool>,
}

/// A length of time as people write it: `15m`, `2s`, `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let told = || "expected a length of time such as 15m or 2s".to_owned();
        let span: jiff::SignedDuration = text.parse().map_err(|_| told())?;
        let span = Duration::try_from(span).map_err(|_| told())?;
        if span.is_zero() {
            return Err("it must be longer than nothing".to_owned());
        }
        Ok(Self(span))
    }
}

impl Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = jiff::SignedDuration::try_from(self.0).unwrap_or(jiff::SignedDuration::MAX);
        write!(f, "{span:#}")
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where a value in force comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Origin {
    #[serde(rename = "default")]
    Default,
    #[serde(rename = "file")]
    File(PathBuf),
    #[serde(rename = "environment")]
    Environment(String),
    #[serde(rename = "flag")]
    Flag(String),
}

impl Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// A value in force, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting<T> {
    pub value: T,
    pub origin: Origin,
}

/// What is in force.
#[derive(Debug, Clone, Serialize)]
pub struct Config {
    pub listen: Setting<SocketAddr>,
    pub data: Setting<PathBuf>,
    pub payment_window: Setting<Span>,
    pub log: Setting<String>,
    pub log_format: Setting<LogFormat>,
    pub trusted_proxies: Setting<Vec<IpAddr>>,
    pub secure_cookies: Setting<bool>,
}

impl Config {
    /// Settles each value. `matches` are those that `args` were read from.
    ///
    /// # Errors
    /// When the file cannot be read or understood.
    pub fn settle(args: ConfigArgs, matches: &ArgMatches) -> anyhow::Result<Self> {
        let (file, path) = match &args.config {
            Some(path) => (read(path)?, path.clone()),
            None => (File::default(), PathBuf::new()),
        };
        let from = Sources { matches, path };
        Ok(Self {
            listen: from.settle("listen", args.listen, file.listen, SocketAddr::from(([127, 0, 0, 1], 8080))),
            data: from.settle("data", args.data, file.data, PathBuf::from("data")),
            payment_window: from.settle(
                "payment_window",
                args.payment_window,
                file.payment_window,
                Span(limits::PAYMENT_WINDOW),
            ),
            log: from.settle("log", args.log, file.log, "info".to_owned()),
            log_format: from.settle("log_format", args.log_format, file.log_format, LogFormat::Text),
            trusted_proxies: from.settle(
                "trusted_proxies",
                args.trusted_proxies,
                file.trusted_proxies,
                Vec::new(),
            ),
            secure_cookies: from.settle("secure_cookies", args.secure_cookies, file.secure_cookies, false),
        })
    }

    /// As TOML that could be a file, with each value's origin beside it.
    ///
    /// # Errors
    /// Never in practice: the values are plain.
    pub fn to_toml(&self) -> anyhow::Result<String> {
        let mut text = String::new();
        let serde_json::Value::Object(settings) = serde_json::to_value(self)? else {
            bail!("settings are an object")
        };
        let origins = [
            ("listen", &self.listen.origin),
            ("data", &self.data.origin),
            ("payment_window", &self.payment_window.origin),
            ("log", &self.log.origin),
            ("log_format", &self.log_format.origin),
            ("trusted_proxies", &self.trusted_proxies.origin),
            ("secure_cookies", &self.secure_cookies.origin),
        ];
        for (key, origin) in origins {
            // For texts, numbers, truth values and lists of them, JSON is TOML.
            let line = format!("{key} = {}", settings[key]["value"]);
            writeln!(text, "{line:<48} # {origin}")?;
        }
        Ok(text)
    }
}

fn read(path: &Path) -> anyhow::Result<File> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("cannot understand {}", path.display()))
}

struct Sources<'a> {
    matches: &'a ArgMatches,
    path: PathBuf,
}

impl Sources<'_> {
    fn settle<T>(&self, key: &str, given: Option<T>, file: Option<T>, default: T) -> Setting<T> {
        if let Some(value) = given {
            let origin = match self.matches.value_source(key) {
                Some(ValueSource::EnvVariable) => {
                    Origin::Environment(format!("TICKETING_{}", key.to_uppercase()))
                }
                _ => Origin::Flag(format!("--{}", key.replace('_', "-"))),
            };
            return Setting { value, origin };
        }
        match file {
            Some(value) => Setting { value, origin: Origin::File(self.path.clone()) },
            None => Setting { value: default, origin: Origin::Default },
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches};

    use super::*;

    fn settled(arguments: &[&str]) -> anyhow::Result<Config> {
        let matches = ConfigArgs::augment_args(Command::new("serve")).get_matches_from(arguments);
        Config::settle(ConfigArgs::from_arg_matches(&matches).unwrap(), &matches)
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticketing.toml");
        std::fs::write(&path, "payment_window = \"2s\"\nlisten = \"127.0.0.1:1\"\n").unwrap();
        let config =
            settled(&["serve", "--config", path.to_str().unwrap(), "--listen", "127.0.0.1:2"]).unwrap();
        assert_eq!(config.listen.value, "127.0.0.1:2".parse().unwrap());
        assert_eq!(config.listen.origin, Origin::Flag("--listen".to_owned()));
        assert_eq!(config.payment_window.value.0, Duration::from_secs(2));
        assert_eq!(config.payment_window.origin, Origin::File(path));
        assert_eq!(config.data.origin, Origin::Default);
    }

    #[test]
    fn what_is_printed_can_be_read_as_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticketing.toml");
        let printed = settled(&["serve", "--trusted-proxies", "10.0.0.1,::1"]).unwrap().to_toml().unwrap();
        std::fs::write(&path, &printed).unwrap();
        let read = settled(&["serve", "--config", path.to_str().unwrap()]).unwrap();
        assert_eq!(read.trusted_proxies.value.len(), 2);
        assert_eq!(read.payment_window.value.0, limits::PAYMENT_WINDOW);
        assert!(printed.contains("# flag --trusted-proxies"), "{printed}");
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticketing.toml");
        std::fs::write(&path, "payment_windov = \"2s\"\n").unwrap();
        let told = format!("{:#}", settled(&["serve", "--config", path.to_str().unwrap()]).unwrap_err());
        assert!(told.contains("payment_windov"), "{told}");
    }

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<Span>().map(|span| span.0).ok();
        assert_eq!(read("2s"), Some(Duration::from_secs(2)));
        assert_eq!(read("15m"), Some(Duration::from_mins(15)));
        assert_eq!(read("500ms"), Some(Duration::from_millis(500)));
        for bad in ["", "soon", "-1s", "0s", "2"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(Span(Duration::from_secs(90)).to_string().parse(), Ok(Span(Duration::from_secs(90))));
    }
}
