//! Somebody else's identity provider, a program that is not ours, where Doorward lets people come from.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::chromium::Chromium;
use crate::places::{command, free_port, provided, tool};
use crate::process::Process;
use crate::server::Server;
use crate::wait::until;

/// Many times what it takes to start on a busy machine.
const SLOW: Duration = Duration::from_secs(45);

/// oidc-provider. It ends with this value.
#[derive(Debug)]
pub struct IdentityProvider {
    process: Process,
    issuer: String,
    _folder: TempDir,
}

impl IdentityProvider {
    /// Starts one and makes it known to a server, which has not been started yet, as *Other Login*.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn beside(server: &mut Server) -> Self {
        Self::among(server, &[], "").await
    }

    /// The same among more providers in the server's configuration, each with an id, a name and an issuer; codes of whoever
    /// is called *moved* are exchanged at `elsewhere`.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn among(server: &mut Server, more: &[(&str, &str, &str)], elsewhere: &str) -> Self {
        // Named by its number, it is another site than the server, which browsers call localhost.
        let issuer = format!("http://127.0.0.1:{}", free_port());
        let all: Vec<_> =
            std::iter::once(("idp", "Other Login", issuer.as_str())).chain(more.iter().copied()).collect();
        let entries = all.iter().map(|(id, name, issuer)| {
            format!(
                r#"{{ id = "{id}", kind = "oidc", name = "{name}", issuer = "{issuer}", client_id = "doorward", client_secret = "secret" }}"#
            )
        });
        server.set("UPSTREAM", &format!("[{}]", entries.collect::<Vec<_>>().join(", ")));
        let allowed = all.iter().filter_map(|(.., issuer)| issuer.strip_prefix("http://")).collect::<Vec<_>>();
        server.set("OUTBOUND_PRIVATE_HOSTS", &allowed.join(","));
        let start = |log: &Path| {
            let mut node = command(provided("bin/node"));
            // Given as text, a module finds its libraries from the folder that Node runs in.
            let script = std::fs::read_to_string(tool("identity_provider.mjs")).expect("the script");
            node.args(["--input-type=module", "--eval", &script]).current_dir(provided("npm"));
            node.env("ISSUER", &issuer).env("REDIRECT_URI", format!("{}/login/upstream/idp/callback", server.url()));
            node.env("CLIENT_ID", "doorward").env("CLIENT_SECRET", "secret").env("ELSEWHERE", elsewhere);
            Process::start("oidc-provider", node, log)
        };
        let folder = TempDir::with_prefix("doorward-idp.").expect("a temporary folder");
        let (log, metadata) = (folder.path().join("log"), format!("{issuer}/.well-known/openid-configuration"));
        let mut process = start(&log);
        // Once in a great while Node neither ends nor listens. What is tested is not Node.
        if !process.listens_within(SLOW, &metadata).await {
            process.kill();
            process = start(&log);
            process.listens_at(&metadata).await;
        }
        Self { process, issuer, _folder: folder }
    }

    /// The address by which it calls itself.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    /// When it goes on.
    pub async fn ended(&mut self) {
        until("the provider's end", async || self.process.ended()).await;
    }

    /// Presses its button on the sign-in page that is shown, and says there who one is.
    ///
    /// # Panics
    /// When its pages are others than they were.
    pub async fn say_there(browser: &Chromium, who: &str) {
        browser.press("Continue with Other Login").await;
        browser.fill("Enter any login", who).await;
        browser.fill("and password", "any").await;
        browser.press("Sign-in").await;
        browser.press("Continue").await;
    }
}
