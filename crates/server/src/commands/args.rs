//! The command line.

use super::audit_args::AuditCommand;
use super::org_args::OrgCommand;
use super::scope_args::{ResourceCommand, ScopeCommand};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use model::algorithm::Algorithm;
use model::id::{ClientId, LetterId, OrgId};
use model::opaque::OpaqueKind;
use model::org::Role;
use model::terms::TokenProfile;
use protocol::token::GrantType;
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "doorward-server", version, about = "The Doorward authorization server and its operator's commands.")]
#[command(after_help = "\
Settings come from doorward.toml in the current folder (or --config, or DOORWARD_CONFIG) and from DOORWARD_… variables, \
which win; config.example.toml lists them.

Exit codes: 0 done, 1 it could not be done, 2 the command line is wrong.")]
pub(super) struct Args {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Print the result as one JSON value.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Run the server; it migrates its database by itself.
    Serve,
    /// Bring the database up to date.
    Migrate,
    /// Look for what is wrong with configuration, database, keys and letters.
    Doctor {
        /// Send a letter to this address now, and tell each step.
        #[arg(long, value_name = "ADDRESS")]
        mail: Option<String>,
    },
    /// Letters that did not go out.
    #[command(subcommand)]
    Letter(LetterCommand),
    /// Organizations.
    #[command(subcommand)]
    Org(OrgCommand),
    /// Accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// Who belongs to an organization.
    #[command(subcommand)]
    Member(MemberCommand),
    /// Applications of an organization.
    #[command(subcommand)]
    App(AppCommand),
    /// Signing keys of an organization.
    #[command(subcommand)]
    Key(KeyCommand),
    /// What an organization's applications may ask for.
    #[command(subcommand)]
    Scope(ScopeCommand),
    /// What an organization's tokens may be meant for.
    #[command(subcommand)]
    Resource(ResourceCommand),
    /// The audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Print config.example.toml.
    #[command(hide = true)]
    ConfigExample,
}

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Make an account.
    Create(NewAccount),
    /// List all accounts.
    List,
    /// Set a password, which ends every sign-in and every app's access of that account.
    SetPassword {
        #[command(flatten)]
        account: Account,
        /// Read the password from standard input.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Switch an account off.
    Disable(Account),
    /// Switch an account on again.
    Enable(Account),
    /// Print a link by which the user chooses a new password.
    ResetLink(Account),
    /// Take away a lost authenticator app, passkeys and recovery codes, so that the password is enough again.
    RemoveSecondFactors(Account),
    /// Give an account another address, such as the one that an intruder has changed, which ends all it let in.
    SetEmail(SetEmail),
}

#[derive(ClapArgs)]
pub(super) struct SetEmail {
    #[command(flatten)]
    pub(super) account: Account,
    /// The address that it is to have; make sure first that it is its owner's.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) to: String,
}

#[derive(ClapArgs)]
pub(super) struct NewAccount {
    #[command(flatten)]
    pub(super) account: Account,
    /// What people call the user.
    #[arg(long)]
    pub(super) name: String,
    /// An organization to make the user a member of.
    #[arg(long, value_name = "ID")]
    pub(super) org: Option<OrgId>,
    /// What the user is there.
    #[arg(long, value_parser = role, requires = "org", default_value = "member", value_name = "owner|admin|member")]
    pub(super) role: Role,
    /// Read a password from standard input.
    #[arg(long)]
    pub(super) password_stdin: bool,
    /// Take a password that is easily guessed.
    #[arg(long, requires = "password_stdin")]
    pub(super) allow_weak_password: bool,
    /// Count the address as verified.
    #[arg(long)]
    pub(super) verified: bool,
}

#[derive(ClapArgs)]
pub(super) struct Account {
    /// The account's e-mail address.
    #[arg(long)]
    pub(super) email: String,
}

#[derive(Subcommand)]
pub(super) enum MemberCommand {
    /// Make somebody a member, or change what they are.
    Add {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        account: Account,
        /// What they are there.
        #[arg(long, value_parser = role, default_value = "member", value_name = "owner|admin|member")]
        role: Role,
    },
    /// End a membership.
    Remove {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        account: Account,
    },
    /// List an organization's members.
    List(Place),
}

#[derive(ClapArgs)]
pub(super) struct Place {
    /// The organization's id.
    #[arg(long, value_name = "ID")]
    pub(super) org: OrgId,
}

#[derive(ClapArgs)]
#[group(required = true, multiple = false)]
pub(super) struct Home {
    /// The organization's id.
    #[arg(long, value_name = "ID")]
    org: Option<OrgId>,
    /// Those of the server itself, which belong to no organization.
    #[arg(long)]
    instance: bool,
}

impl Home {
    /// Which.
    pub(super) fn id(&self) -> OrgId {
        self.org.clone().unwrap_or_else(OrgId::instance)
    }
}

#[derive(Subcommand)]
pub(super) enum AppCommand {
    /// Register an application.
    Create(Box<NewApp>),
    /// List the applications of an organization, or of the server itself.
    List(Home),
    /// Switch an application off.
    Disable(App),
    /// Switch an application on again.
    Enable(App),
    /// Delete an application for good.
    Delete(App),
    /// Give an application a new secret; the one before it stays good until the next.
    RotateSecret(App),
}

#[derive(ClapArgs)]
pub(super) struct App {
    #[command(flatten)]
    pub(super) home: Home,
    /// The application's client id.
    #[arg(long, value_name = "CLIENT_ID", value_parser = client_id)]
    pub(super) client_id: ClientId,
}

#[derive(ClapArgs)]
pub(super) struct NewApp {
    #[command(flatten)]
    pub(super) home: Home,
    /// What users read.
    #[arg(long)]
    pub(super) name: String,
    /// It can't keep a secret: a program on people's machines.
    #[arg(long, required_unless_present = "confidential", conflicts_with = "confidential")]
    pub(super) public: bool,
    /// It can keep a secret: a server.
    #[arg(long)]
    pub(super) confidential: bool,
    /// A grant that it may use; can be given more than once.
    #[arg(long = "grant", value_enum, required_unless_present = "embedded")]
    pub(super) grants: Vec<Grant>,
    /// The scopes that it may ask for, and gets where it asks for none; the organization gets those that it lacks.
    #[arg(long, default_value = "")]
    pub(super) scope: String,
    /// An address that it may be called back at.
    #[arg(long, value_name = "URI")]
    pub(super) redirect_uri: Vec<String>,
    /// An address that a sign-out may lead to.
    #[arg(long, value_name = "URI")]
    pub(super) post_logout_redirect_uri: Vec<String>,
    /// What its device logins get: signed tokens, an MCP token, which reads alone, or an API key.
    #[arg(long, value_enum, default_value = "jwt")]
    pub(super) token_kind: TokenKind,
    /// Let it sign users in inside a web view, for apps that can do nothing better.
    #[arg(long, conflicts_with = "instance")]
    pub(super) embedded: bool,
    /// A page of its own that whoever registers inside the web view sees before they are asked.
    #[arg(long, value_name = "URL", requires = "embedded")]
    pub(super) post_registration_url: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum Grant {
    DeviceCode,
    RefreshToken,
    ClientCredentials,
    AuthorizationCode,
}

impl Grant {
    /// The grant.
    pub(super) const fn wanted(self) -> GrantType {
        match self {
            Self::DeviceCode => GrantType::DeviceCode,
            Self::RefreshToken => GrantType::RefreshToken,
            Self::ClientCredentials => GrantType::ClientCredentials,
            Self::AuthorizationCode => GrantType::AuthorizationCode,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum TokenKind {
    Jwt,
    Mcp,
    ApiKey,
}

impl TokenKind {
    /// The kind.
    pub(super) const fn wanted(self) -> TokenProfile {
        match self {
            Self::Jwt => TokenProfile::Jwt,
            Self::Mcp => TokenProfile::Opaque(OpaqueKind::Mcp),
            Self::ApiKey => TokenProfile::Opaque(OpaqueKind::ApiKey),
        }
    }
}

#[derive(Subcommand)]
pub(super) enum LetterCommand {
    /// List letters that were given up, and those that still wait.
    List,
    /// Send letters that were given up, once more.
    Retry {
        /// This one alone [default: all].
        #[arg(long, value_name = "ID")]
        id: Option<LetterId>,
    },
}

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// Make a new key, which is published at once and signs when everybody can know it.
    Rotate {
        #[command(flatten)]
        place: Place,
        /// The algorithm: ES256, RS256 or EdDSA [default: the organization's].
        #[arg(long)]
        alg: Option<Algorithm>,
        /// Sign with it at once; whoever has not looked at the keys in the last minutes refuses its tokens until then.
        #[arg(long)]
        now: bool,
        /// Take the keys before it back at once, as one of them leaked: every token that they signed is refused from
        /// now on.
        #[arg(long, requires = "now")]
        withdraw: bool,
    },
    /// List an organization's published keys.
    List(Place),
}

fn role(text: &str) -> Result<Role, &'static str> {
    Role::parse(text).ok_or("a role is owner, admin or member")
}

fn client_id(text: &str) -> Result<ClientId, &'static str> {
    if text.is_empty() { Err("a client id is not empty") } else { Ok(ClientId::from_wire(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }
}
