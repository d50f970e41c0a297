//! Before the clock starts: the event, the buyers' accounts, their tokens.
//!
//! Accounts have names made from the seed, so that a second rush signs in instead of registering;
//! passwords cost the server some 30 ms each, hence a few at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use anyhow::{Context as _, bail};
use hyper::StatusCode;
use hyper::header::HeaderValue;
use serde::Deserialize;

use super::args::RushArgs;
use super::client::{Call, Connection, Target};
use super::inbox::Inbox;
use super::outline::EventAnswer;
use super::progress::Phase;
use super::rush::Buyer;
use super::tally::{Tally, Trouble};

/// Sign-ins at a time.
const SIGN_INS_AT_A_TIME: usize = 6;
/// Pages of events that are looked through for one on sale.
const PAGES: usize = 50;

#[derive(Deserialize)]
struct EventList {
    data: Vec<EventHead>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct EventHead {
    id: String,
    status: String,
}

#[derive(Deserialize)]
struct SessionAnswer {
    token: String,
}

/// The event to buy, as it stands.
pub(super) async fn event(
    target: &Arc<Target>,
    wanted: Option<&str>,
    tally: &Tally,
) -> anyhow::Result<EventAnswer> {
    let mut connection = Connection::new(Arc::clone(target), None).in_a_hurry();
    let id = match wanted {
        Some(id) => id.to_owned(),
        None => first_on_sale(&mut connection, tally).await?,
    };
    let event = read_event(&mut connection, &id, tally).await?;
    if event.status != "on_sale" {
        bail!("event {id} is not on sale; its status is `{}`", event.status);
    }
    Ok(event)
}

/// `GET /v1/events/{id}`.
pub(super) async fn read_event(
    connection: &mut Connection,
    id: &str,
    tally: &Tally,
) -> anyhow::Result<EventAnswer> {
    get(connection, format!("/v1/events/{id}"), tally).await
}

async fn first_on_sale(connection: &mut Connection, tally: &Tally) -> anyhow::Result<String> {
    let mut path = "/v1/events?limit=100".to_owned();
    for _ in 0..PAGES {
        let page: EventList = get(connection, path, tally).await?;
        if let Some(event) = page.data.into_iter().find(|event| event.status == "on_sale") {
            return Ok(event.id);
        }
        let Some(cursor) = page.next_cursor else { break };
        path = format!("/v1/events?limit=100&after={cursor}");
    }
    bail!("no event is on sale; `ticketing serve --demo` makes one")
}

async fn get<T: serde::de::DeserializeOwned>(
    connection: &mut Connection,
    path: String,
    tally: &Tally,
) -> anyhow::Result<T> {
    let reply = connection.call(&Call::get(path.as_str()), tally).await.map_err(error)?;
    if reply.status != StatusCode::OK {
        return Err(error(reply.trouble("get"))).context(format!("GET {path}"));
    }
    serde_json::from_slice(&reply.body).with_context(|| format!("GET {path} answered something unexpected"))
}

/// Name and password of an account.
struct Account {
    email: String,
    password: String,
    role: &'static str,
    /// Registered by an earlier hand; only sign in.
    exists: bool,
}

/// Signs in all buyers, registering those that do not exist.
pub(super) async fn buyers(
    target: &Arc<Target>,
    args: &RushArgs,
    tally: &Arc<Tally>,
) -> anyhow::Result<Vec<Arc<Buyer>>> {
    let accounts = Arc::new(accounts(args)?);
    let phase = Arc::new(Phase::begin("accounts", accounts.len() as u64));
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..SIGN_INS_AT_A_TIME.min(accounts.len()) {
        let (target, accounts, next) = (Arc::clone(target), Arc::clone(&accounts), Arc::clone(&next));
        let (phase, tally) = (Arc::clone(&phase), Arc::clone(tally));
        workers.spawn(async move {
            let mut connection = Connection::new(target, None);
            let mut signed_in = Vec::new();
            while let Some((number, account)) = take(&next, &accounts) {
                let authorization = sign_in(&mut connection, account, &tally).await?;
                signed_in.push((number, authorization));
                phase.step();
            }
            anyhow::Ok(signed_in)
        });
    }
    let mut buyers = Vec::with_capacity(accounts.len());
    while let Some(signed_in) = workers.join_next().await {
        for (number, authorization) in signed_in?? {
            let number = u32::try_from(number).context("too many accounts")?;
            buyers.push(Arc::new(Buyer { number, authorization, inbox: Inbox::default() }));
        }
    }
    if let Some(phase) = Arc::into_inner(phase) {
        phase.end(&format!("{} buyers signed in", buyers.len()));
    }
    Ok(buyers)
}

fn take<'a>(next: &AtomicUsize, accounts: &'a [Account]) -> Option<(usize, &'a Account)> {
    let number = next.fetch_add(1, Relaxed);
    accounts.get(number).map(|account| (number, account))
}

fn accounts(args: &RushArgs) -> anyhow::Result<Vec<Account>> {
    let Some(file) = &args.accounts else {
        return Ok((0..args.buyers).map(|n| made_up(args.seed, n)).collect());
    };
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let accounts = listed(&text);
    if accounts.is_empty() {
        bail!("{} holds no line `email password`", file.display());
    }
    Ok(accounts.into_iter().take(args.buyers as usize).collect())
}

fn made_up(seed: u64, n: u32) -> Account {
    Account {
        email: format!("rush-{seed}-{n}@rush.example"),
        password: format!("rush-password-{seed}-{n}"),
        role: "buyer",
        exists: false,
    }
}

fn listed(text: &str) -> Vec<Account> {
    let account = |line: &str| {
        let (email, password) = line.trim().split_once(char::is_whitespace)?;
        Some(Account {
            email: email.to_owned(),
            password: password.trim().to_owned(),
            role: "buyer",
            exists: true,
        })
    };
    text.lines().filter_map(account).collect()
}

async fn sign_in(
    connection: &mut Connection,
    account: &Account,
    tally: &Tally,
) -> anyhow::Result<HeaderValue> {
    let Account { email, password, role, exists } = account;
    if !exists {
        let name = format!("Rush {role}");
        let body = serde_json::json!({"email": email, "password": password, "name": name, "role": role});
        let reply =
            connection.call(&Call::post("/v1/users", body.to_string()), tally).await.map_err(error)?;
        if !matches!(reply.status, StatusCode::CREATED | StatusCode::CONFLICT) {
            return Err(error(reply.trouble("register"))).context(format!("cannot register {email}"));
        }
    }
    let body = serde_json::json!({"email": email, "password": password});
    let reply = connection.call(&Call::post("/v1/sessions", body.to_string()), tally).await.map_err(error)?;
    if reply.status != StatusCode::CREATED {
        return Err(error(reply.trouble("sign-in"))).context(format!("cannot sign in {email}"));
    }
    let session: SessionAnswer = serde_json::from_slice(&reply.body)?;
    let mut authorization = HeaderValue::from_str(&format!("Bearer {}", session.token))?;
    authorization.set_sensitive(true);
    Ok(authorization)
}

/// Registers (or signs in) an account of this name and role that no buyer has.
pub(super) async fn join(
    connection: &mut Connection,
    seed: u64,
    name: &str,
    role: &'static str,
    tally: &Tally,
) -> anyhow::Result<HeaderValue> {
    let account = Account {
        email: format!("rush-{seed}-{name}@rush.example"),
        password: format!("rush-password-{seed}-{name}"),
        role,
        exists: false,
    };
    sign_in(connection, &account, tally).await
}

/// A trouble that ends the whole rush.
pub(super) fn error(trouble: Trouble) -> anyhow::Error {
    let Trouble { kind, example } = trouble;
    anyhow::anyhow!("{kind}: {example}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_follow_from_the_seed_or_the_file() {
        assert_eq!(made_up(3, 7).email, "rush-3-7@rush.example");
        assert!(!made_up(3, 7).exists);
        let found: Vec<_> = listed("a@x.example one\n\n  b@x.example  two words \nbroken\n")
            .into_iter()
            .map(|a| (a.email, a.password))
            .collect();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(found, [pair("a@x.example", "one"), pair("b@x.example", "two words")]);
    }
}
