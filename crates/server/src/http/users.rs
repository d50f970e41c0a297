//! Users and sessions: register, sign in, sign out, who am I.
//!
//! Never: shows who has an account, except that a taken address cannot be registered again.

use std::sync::Arc;

use accounts::{Account, Accounts, RegisterOutcome, Registration, SignInOutcome, Token};
use api::{
    problem::{Code, Problem, ProblemBody, Refused},
    shapes::rfc3339,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{Fault, Role, UserId, limits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    address::ClientAddress,
    principal::{SESSION_COOKIE, SignedIn},
    strict::{NoBody, StrictJson},
};

/// What these routes need.
#[derive(Clone)]
pub struct UsersApi {
    pub accounts: Arc<Accounts>,
    /// Browsers send the cookie over TLS only.
    pub secure_cookies: bool,
}

pub fn routes(api: UsersApi) -> OpenApiRouter {
    described().with_state(api)
}

/// The routes without what they need: to be described.
pub(super) fn described() -> OpenApiRouter<UsersApi> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(sign_in))
        .routes(routes!(sign_out))
        .routes(routes!(me))
}

/// Whether a request of this route hashes a password, which waits its turn, and does nothing behind
/// its commit: it ends with its connection, so nobody's hash is computed for a caller who left.
pub(super) fn ends_with_its_connection(route: &str) -> bool {
    matches!(route, "/v1/users" | "/v1/sessions")
}

/// What a visitor writes to register.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    #[schema(example = "robin@example.org")]
    email: String,
    /// 8 to 128 characters.
    password: String,
    /// 1 to 100 characters.
    name: String,
    role: RoleShape,
}

#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
enum RoleShape {
    Buyer,
    Seller,
}

impl From<RoleShape> for Role {
    fn from(role: RoleShape) -> Self {
        match role {
            RoleShape::Buyer => Self::Buyer,
            RoleShape::Seller => Self::Seller,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct User {
    id: String,
    email: String,
    name: String,
    role: RoleShape,
    created_at: String,
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        let role = match account.role {
            Role::Buyer => RoleShape::Buyer,
            Role::Seller => RoleShape::Seller,
        };
        Self {
            id: account.id.to_string(),
            email: account.email.to_string(),
            name: account.name.clone(),
            role,
            created_at: rfc3339(account.created_at),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    password: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionShape {
    /// For `Authorization: Bearer`. Shown once; a browser keeps the cookie instead.
    token: String,
    expires_at: String,
    user: User,
}

/// Register as a buyer or as a seller.
#[utoipa::path(post, path = "/v1/users", tag = "users", request_body = NewUser,
    responses(
        (status = 201, body = User),
        (status = 409, description = "email-taken", body = ProblemBody, content_type = "application/problem+json"),
        Refused<422>
    ))]
async fn register(
    State(api): State<UsersApi>,
    StrictJson(new): StrictJson<NewUser>,
) -> Result<Response, Problem> {
    let NewUser { email, password, name, role } = new;
    let registration = Registration { email, password, name, role: role.into() };
    match api.accounts.register(UserId::new(Uuid::now_v7()), registration).await? {
        RegisterOutcome::Registered(account) => {
            Ok((StatusCode::CREATED, Json(User::from(&account))).into_response())
        }
        RegisterOutcome::Invalid(violations) => Err(Problem::invalid(violations)),
        RegisterOutcome::EmailTaken => Err(Problem::new(
            Code::EmailTaken,
            "An account with this e-mail address exists; sign in instead.",
        )),
    }
}

/// Sign in. The answer has a token for programs and sets a cookie for browsers: the same session.
#[utoipa::path(post, path = "/v1/sessions", tag = "users", request_body = Credentials,
    responses(
        (status = 201, body = SessionShape),
        (status = 401, description = "wrong-credentials", body = ProblemBody, content_type = "application/problem+json"),
        Refused<429>
    ))]
async fn sign_in(
    State(api): State<UsersApi>,
    ClientAddress(address): ClientAddress,
    StrictJson(given): StrictJson<Credentials>,
) -> Result<Response, Problem> {
    let token = new_token()?;
    match api.accounts.sign_in(&given.email, given.password, address, &token).await? {
        SignInOutcome::SignedIn { session, account } => {
            tracing::info!(target: "security", user = %account.id, "signed in");
            let cookie = cookie(token.expose(), limits::SESSION_LIFETIME.as_secs(), api.secure_cookies)?;
            let expires_at = rfc3339(session.ends_at());
            let token = token.expose().to_owned();
            let body = SessionShape { token, expires_at, user: User::from(&account) };
            Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(body)).into_response())
        }
        SignInOutcome::WrongCredentials => {
            tracing::info!(target: "security", %address, "sign-in failed");
            Err(Problem::new(Code::WrongCredentials, "The e-mail address or the password is wrong."))
        }
        SignInOutcome::TooManyFailures(wait) => {
            tracing::info!(target: "security", %address, "sign-in refused: too many failures");
            Err(Problem::new(
                Code::TooManyRequests,
                "Too many failed sign-ins; wait as long as `Retry-After` says.",
            )
            .retry_after(wait.0))
        }
    }
}

/// Sign out: this session ends everywhere, with the streams it has open.
#[utoipa::path(delete, path = "/v1/sessions/current", tag = "users", security(("bearer" = []), ("cookie" = [])),
    responses((status = 204), Refused<401, 422>))]
async fn sign_out(State(api): State<UsersApi>, who: SignedIn, _: NoBody) -> Result<Response, Problem> {
    api.accounts.sign_out(&who.session.token).await?;
    tracing::info!(target: "security", "signed out");
    let cookie = cookie("", 0, api.secure_cookies)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// The signed-in user.
#[utoipa::path(get, path = "/v1/me", tag = "users", security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = User), Refused<401>))]
async fn me(State(api): State<UsersApi>, who: SignedIn) -> Result<Json<User>, Problem> {
    let account = api.accounts.account(who.principal.user_id).await?;
    let account = account.ok_or_else(|| Problem::new(Code::NotSignedIn, "The account no longer exists."))?;
    Ok(Json(User::from(&account)))
}

fn new_token() -> Result<Token, Fault> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| Fault::new("generate a token", error))?;
    Ok(Token::new(secret))
}

/// Invisible to scripts, and absent from other sites' requests.
fn cookie(token: &str, seconds: u64, secure: bool) -> Result<HeaderValue, Problem> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{SESSION_COOKIE}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).map_err(|error| {
        Problem::new(Code::Internal, "The session cookie could not be created.").because(&error)
    })
}
