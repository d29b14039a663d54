//! Somebody else's identity provider, a program that is not ours, where Doorward lets people come from.

use reqwest::Client;
use tempfile::TempDir;

use crate::chromium::Chromium;
use crate::places::{command, free_port, provided, tool};
use crate::process::Process;
use crate::server::Server;
use crate::wait::until;

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
        let port = free_port();
        let issuer = format!("http://localhost:{port}");
        server.set(
            "UPSTREAM",
            &format!(
                r#"[{{ id = "idp", kind = "oidc", name = "Other Login", issuer = "{issuer}", client_id = "doorward", client_secret = "secret" }}]"#
            ),
        );
        server.set("OUTBOUND_PRIVATE_HOSTS", &format!("localhost:{port}"));
        let redirect_uri = format!("{}/login/upstream/idp/callback", server.url());
        let mut node = command(provided("bin/node"));
        let code = std::fs::read_to_string(tool("identity_provider.mjs")).expect("the script");
        node.args(["--input-type=module", "--eval", &code]).current_dir(provided("npm"));
        node.env("ISSUER", &issuer).env("REDIRECT_URI", redirect_uri);
        node.env("CLIENT_ID", "doorward").env("CLIENT_SECRET", "secret");
        let folder = TempDir::with_prefix("doorward-idp.").expect("a temporary folder");
        let process = Process::start("oidc-provider", node, &folder.path().join("log"));
        let (client, metadata) = (Client::new(), format!("{issuer}/.well-known/openid-configuration"));
        until("the provider", async || client.get(&metadata).send().await.ok().map(drop)).await;
        Self { process, issuer, _folder: folder }
    }

    /// The address by which it calls itself.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Ends it, so that nobody listens.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn kill(&mut self) {
        self.process.kill();
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
