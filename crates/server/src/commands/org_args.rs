//! What the command line says of an organization.

use clap::{Args as ClapArgs, Subcommand};
use model::algorithm::Algorithm;
use model::device_login::DeviceLogin;
use model::id::OrgId;
use model::login_attempt::NewDevicePolicy;
use model::org::{Registration, SecondFactor};
use std::time::Duration;

#[derive(Subcommand)]
pub(super) enum OrgCommand {
    /// Create an organization, with a signing key and the application doorward-cli.
    Create {
        /// Its id: part of its issuer, so it never changes.
        #[arg(value_name = "ID")]
        org: OrgId,
        /// What people call it [default: the id].
        #[arg(long)]
        name: Option<String>,
    },
    /// Change an organization's settings; what is not named stays as it is.
    Set(Box<NewOrgSettings>),
    /// List all organizations.
    List,
    /// Delete an organization: its members' access ends at once, and nothing brings it or its id back.
    Delete {
        /// The organization's id.
        #[arg(value_name = "ID")]
        org: OrgId,
        /// The id once more, as a confirmation.
        #[arg(long, value_name = "ID", default_value = "")]
        confirm: String,
    },
}

#[derive(ClapArgs)]
#[command(group = clap::ArgGroup::new("setting").required(true).multiple(true))]
pub(super) struct NewOrgSettings {
    /// The organization's id.
    #[arg(value_name = "ID")]
    pub(super) org: OrgId,
    /// What people call it.
    #[arg(long, group = "setting")]
    pub(super) name: Option<String>,
    /// The accent colour of its pages, as in #1f6feb; an empty text takes it away.
    #[arg(long, group = "setting", value_name = "#RRGGBB")]
    pub(super) colour: Option<String>,
    /// A file with its logo: PNG, JPEG or WebP, of 32 KiB and 1,024 pixels a side at most; an empty text takes it away.
    #[arg(long, group = "setting", value_name = "FILE")]
    pub(super) logo: Option<String>,
    /// What its access tokens are signed with: ES256, RS256 or EdDSA.
    #[arg(long, group = "setting")]
    pub(super) algorithm: Option<Algorithm>,
    /// For how many seconds a repeat of a spent refresh token is forgiven: 0 to 300.
    #[arg(long, group = "setting", value_name = "SECONDS")]
    pub(super) refresh_grace: Option<u32>,
    /// For how many days a refresh token may lie unused: 1 to 365. More days let those go on that had lain unused for
    /// too long and have days left.
    #[arg(long, group = "setting", value_name = "DAYS")]
    pub(super) refresh_idle_days: Option<u32>,
    /// For how many days access lasts that is given from now on: 1 to 365.
    #[arg(long, group = "setting", value_name = "DAYS")]
    pub(super) refresh_absolute_days: Option<u32>,
    /// How many seconds device codes live, of applications that say nothing else: 60 to 86400.
    #[arg(long, group = "setting", value_name = "SECONDS")]
    pub(super) code_expiry: Option<u32>,
    /// How many seconds devices wait between polls, of applications that say nothing else: 1 to 60.
    #[arg(long, group = "setting", value_name = "SECONDS")]
    pub(super) poll_interval: Option<u32>,
    /// Whether its members need a second factor.
    #[arg(long, group = "setting", value_name = "optional|required", value_parser = second_factor)]
    pub(super) second_factor: Option<SecondFactor>,
    /// How long whoever has none may go on without, from when it is required or from joining: 0d to 90d.
    #[arg(long, group = "setting", value_name = "DAYS", value_parser = days)]
    pub(super) second_factor_grace: Option<Duration>,
    /// Who becomes a member without being added: open (anybody), invitation, or the e-mail domains that are let in.
    #[arg(long, group = "setting", value_name = "open|invitation|domain:a.example,…", value_parser = registration)]
    pub(super) registration: Option<Registration>,
    /// When its members' sign-ins wait for the answer to a letter: unknown (in browsers that the account does not know),
    /// always or off. Of several organizations the strictest holds.
    #[arg(long, group = "setting", value_name = "WHEN")]
    pub(super) new_device: Option<NewDevicePolicy>,
    /// Which applications may log devices in: all that have device codes, none, or those that are listed.
    #[arg(long, group = "setting", value_name = "on|off|listed", value_parser = device_login)]
    pub(super) device_login: Option<DeviceLogin>,
    /// The client id of one that may where only listed ones do; can be given more than once, in the place of all before.
    #[arg(long, group = "setting", value_name = "CLIENT_ID")]
    pub(super) device_login_app: Vec<String>,
    /// The scopes that device logins get at most, with spaces between; an empty text holds nothing back.
    #[arg(long, group = "setting", value_name = "SCOPES")]
    pub(super) device_scope_ceiling: Option<String>,
    /// How many days API keys and MCP tokens live at most, of those that are made from now on: 1 to 365.
    #[arg(long, group = "setting", value_name = "DAYS")]
    pub(super) longest_token_days: Option<u32>,
}

fn second_factor(text: &str) -> Result<SecondFactor, String> {
    match text {
        "optional" => Ok(SecondFactor::Optional),
        "required" => Ok(SecondFactor::Required),
        _ => Err("say optional or required".to_owned()),
    }
}

fn device_login(text: &str) -> Result<DeviceLogin, &'static str> {
    DeviceLogin::parse(text).ok_or("say on, off or listed")
}

fn days(text: &str) -> Result<Duration, String> {
    let days = text.strip_suffix('d').unwrap_or(text).parse::<u16>().ok();
    let days = days.ok_or_else(|| "say a number of days, as in 7d".to_owned())?;
    Ok(Duration::from_secs(u64::from(days) * 24 * 60 * 60))
}

fn registration(text: &str) -> Result<Registration, &'static str> {
    Registration::parse(text)
        .ok_or("write open, invitation, or domain: and the domains, as in domain:acme.example,acme.test")
}
