//! What `login` shows: lines for people on a terminal, JSON for programs elsewhere.

use crate::failure::Failure;
use crate::surroundings::Surroundings;
use crate::words::{clock, plain};
use crate::{out, qr};
use client::{DeviceLogin, Event, Issuer, Timestamp, now};
use serde_json::json;
use std::time::Duration;

/// How a login is shown here.
pub(crate) struct Screen<'a> {
    around: &'a Surroundings,
    /// How long the line of the count-down is, where it can't simply be erased.
    shown: usize,
    away: bool,
}

impl<'a> Screen<'a> {
    pub(crate) fn new(around: &'a Surroundings) -> Self {
        Self { around, shown: 0, away: false }
    }

    /// Shows what the person needs: the address, the code, and both as a picture.
    pub(crate) fn codes(&self, issuer: &Issuer, login: &DeviceLogin) -> Result<(), Failure> {
        let (open, code) = (plain(&login.verification_uri), plain(&login.user_code));
        // Where the person picks the organization, it is not known yet.
        let to = issuer.org().unwrap_or(issuer.server());
        if !self.around.terminal {
            out::note(&format!("To sign in to {to}, open {open} and enter the code {code}."));
            return out::json(&json!({
                "event": "code",
                "user_code": login.user_code,
                "verification_uri": login.verification_uri,
                "verification_uri_complete": login.verification_uri_complete,
                "expires_in": (login.expires_at.since(now()) + Duration::from_millis(500)).as_secs(),
                "interval": login.interval.as_secs(),
            }));
        }
        let (strong, end) = if self.around.colour { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        let header =
            [format!("Sign in to {to}"), format!("Open      {open}"), format!("Code      {strong}{code}{end}")];
        for line in &header {
            out::line(&format!("  {line}"))?;
        }
        // The terminal breaks a long address, and the count-down has a line of its own.
        let taken: usize = header.iter().map(|line| (line.chars().count() + 2).div_ceil(self.around.columns)).sum();
        let free = self.around.rows.saturating_sub(taken + 1);
        let address = login.verification_uri_complete.as_deref().unwrap_or(&login.verification_uri);
        match qr::picture(address, self.around.columns.saturating_sub(2), free, self.around.colour) {
            Some(picture) => picture.lines().try_for_each(|line| out::line(&format!("  {line}"))),
            None => out::line("  (The window is too small for the QR code.)"),
        }
    }

    /// Takes note of what happened while waiting.
    pub(crate) fn event(&mut self, event: Event) -> Result<(), Failure> {
        let was_away = self.away;
        self.away = matches!(event, Event::Away { .. });
        if self.around.terminal {
            return Ok(());
        }
        match event {
            Event::SlowDown { interval } => out::json(&json!({"event": "slow_down", "interval": interval.as_secs()})),
            Event::Away { again_in } => {
                out::note(&format!("The server can't be reached. Asking again in {} seconds.", again_in.as_secs()));
                Ok(())
            }
            Event::Pending => {
                if was_away {
                    out::note("The server is back. Waiting for your approval.");
                }
                Ok(())
            }
        }
    }

    /// Shows how much time is left, on one line that is written over.
    pub(crate) fn count_down(&mut self, expires_at: Timestamp) -> Result<(), Failure> {
        if !self.around.terminal {
            return Ok(());
        }
        let what = if self.away { "The server is away, still trying" } else { "Waiting for your approval" };
        let text = format!("  {what} … {}   (Ctrl-C to stop)", clock(expires_at.since(now())));
        // A line that wraps can't be written over.
        let text: String = text.chars().take(self.around.columns.saturating_sub(1)).collect();
        let length = text.chars().count();
        let blank = " ".repeat(self.shown.saturating_sub(length));
        self.shown = length;
        out::part(&if self.around.controls { format!("\r\u{1b}[2K{text}") } else { format!("\r{text}{blank}") })
    }

    /// Takes the count-down away, so that what comes next begins a line.
    pub(crate) fn end_count_down(&mut self) -> Result<(), Failure> {
        if self.shown == 0 {
            return Ok(());
        }
        let blank = " ".repeat(self.shown);
        self.shown = 0;
        out::part(&if self.around.controls { "\r\u{1b}[2K".to_owned() } else { format!("\r{blank}\r") })
    }
}
