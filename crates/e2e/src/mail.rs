//! A mail server of the test's own, which keeps every letter, and stalls or refuses when it is told to.

use serde::Deserialize;
use tempfile::TempDir;

use crate::places::{command, free_port, provided, tool};
use crate::process::Process;
use crate::wait::until;

/// A letter as it arrived.
#[derive(Debug, Clone, Deserialize)]
pub struct Letter {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The subject, decoded.
    pub subject: String,
    /// The `Message-ID`.
    pub message_id: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// How it meets those who bring letters.
#[derive(Debug, Clone, Copy)]
pub enum Mood {
    /// Takes every letter.
    Accepting,
    /// Greets nobody, keeps the connection, for as long as this lasts.
    Stalling,
    /// Answers 451 to every letter.
    Refusing,
}

/// How it encrypts connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    None,
    /// By STARTTLS, without which it takes nothing.
    Starttls,
    /// From the first byte.
    Smtps,
}

/// The running server.
#[derive(Debug)]
pub struct MailServer {
    smtp: u16,
    web: u16,
    tls: Tls,
    http: reqwest::Client,
    process: Option<Process>,
    folder: TempDir,
}

impl MailServer {
    /// Starts one on free ports and waits until it listens.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        Self::with(Tls::None).await
    }

    /// The same; with TLS, it takes letters from [`Self::user`] alone.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn with(tls: Tls) -> Self {
        let folder = TempDir::with_prefix("doorward-mail.").expect("a temporary folder");
        let (smtp, web) = (free_port(), free_port());
        let mut server = Self { smtp, web, tls, http: reqwest::Client::new(), process: None, folder };
        server.start_again().await;
        server
    }

    /// Starts it again on the same ports after [`Self::stop`]; the letters of before are gone.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_again(&mut self) {
        let mut python = command(provided("venv/bin/python"));
        python.arg(tool("mail_server.py")).args([self.smtp.to_string(), self.web.to_string()]);
        if self.tls != Tls::None {
            python.arg(if self.tls == Tls::Smtps { "smtps" } else { "starttls" }).arg(self.folder.path());
        }
        let mut process = Process::start("the mail server", python, &self.folder.path().join("log"));
        process.listens_at(&self.address("letters")).await;
        self.process = Some(process);
    }

    /// Ends it, so that nobody listens.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// The value of `DOORWARD_MAIL_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.smtp)
    }

    /// Its host and port: `localhost`, which its certificate is for.
    pub fn host(&self) -> String {
        format!("localhost:{}", self.smtp)
    }

    /// Who may bring letters where it speaks TLS, as in a mail URL.
    pub const fn user() -> &'static str {
        "doorward:p%40ss%3Aword"
    }

    /// The certificate of the authority that signed its own, where it speaks TLS.
    pub fn authority(&self) -> std::path::PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Changes how it meets those who bring letters, from now on.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn be(&self, mood: Mood) {
        let mood = format!("mood/{mood:?}");
        let answer = self.http.post(self.address(&mood)).send().await.expect("the mail server runs");
        assert!(answer.status().is_success(), "{mood}");
    }

    /// The letters that have arrived, oldest first.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn letters(&self) -> Vec<Letter> {
        let answer = self.http.get(self.address("letters")).send().await.expect("the mail server runs");
        answer.json().await.expect("a list of letters")
    }

    /// Waits for a letter to this address whose subject holds these words.
    ///
    /// # Panics
    /// When none arrives.
    pub async fn letter(&self, to: &str, subject: &str) -> Letter {
        until(&format!("a letter to {to} about {subject:?}"), async || {
            let fits = |letter: &Letter| letter.subject.contains(subject) && letter.to.iter().any(|known| known == to);
            self.letters().await.into_iter().find(fits)
        })
        .await
    }

    /// How many callers are being kept waiting right now.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn kept_waiting(&self) -> u64 {
        let answer = self.http.get(self.address("waiting")).send().await.expect("the mail server runs");
        answer.json().await.expect("a number")
    }

    fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.web)
    }
}
