//! `cargo run -p doorward-e2e --example screenshots -- FOLDER`: every page and letter of a real server, on a phone and on a
//! desktop, light and dark, for people to look at. Needs the programs (`cargo build --bins`) and Chromium.
#![expect(clippy::expect_used, reason = "a tool for developers, which stops where something is missing")]

use std::path::PathBuf;

use e2e::acme::{Acme, EMAIL, ORGANIZATION, PASSWORD, SCOPE, TICK};
use e2e::chromium::Chromium;
use e2e::database::Engine;
use e2e::mail::MailServer;
use e2e::server::Server;
use serde_json::json;
use thirtyfour::cdp::Cdp;
use thirtyfour::prelude::*;

const PHONE: (u32, u32) = (390, 844);
const DESKTOP: (u32, u32) = (1280, 800);
const MEMBER: &str = "bob@acme.example";

struct Camera {
    chromium: Chromium,
    tools: Cdp,
    folder: PathBuf,
}

impl Camera {
    /// Takes what is shown, four times.
    async fn take(&self, name: &str) {
        for (screen, (width, height)) in [("phone", PHONE), ("desktop", DESKTOP)] {
            let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
            self.tell("Emulation.setDeviceMetricsOverride", size).await;
            for scheme in ["light", "dark"] {
                let wish = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
                self.tell("Emulation.setEmulatedMedia", wish).await;
                let whole = json!({"captureBeyondViewport": true, "format": "png"});
                let picture = self.tell("Page.captureScreenshot", whole).await;
                let picture = picture["data"].as_str().expect("a picture");
                // Decoded by the browser itself would need a page of its own; this is Base64 as it is defined.
                std::fs::write(self.folder.join(format!("{name}.{screen}.{scheme}.png")), base64(picture))
                    .expect("a file");
            }
        }
        self.tell("Emulation.clearDeviceMetricsOverride", json!({})).await;
    }

    async fn tell(&self, command: &str, parameters: serde_json::Value) -> serde_json::Value {
        self.tools.send_raw(command, parameters).await.expect("an answer")
    }

    async fn at(&self, address: &str, name: &str) {
        self.chromium.open(address).await;
        self.take(name).await;
    }
}

fn base64(text: &str) -> Vec<u8> {
    const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let values = text.bytes().filter_map(|byte| SYMBOLS.iter().position(|symbol| *symbol == byte));
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_usize, 0);
    for value in values {
        bits = (bits << 6 | value) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).expect("eight bits"));
        }
    }
    bytes
}

async fn sign_in(chromium: &Chromium, email: &str) {
    chromium.fill("E-mail address", email).await;
    chromium.fill("Password", PASSWORD).await;
    chromium.press("Sign in").await;
}

async fn code(acme: &Acme) -> (String, String) {
    let code = acme.device().begin(SCOPE).await;
    let get = |name: &str| code[name].as_str().expect("a code").to_owned();
    (get("device_code"), get("user_code"))
}

async fn enter(acme: &Acme, camera: &Camera, user_code: &str) {
    camera.chromium.open(&format!("{}/device", acme.issuer())).await;
    camera.chromium.fill("Device code", user_code).await;
    camera.chromium.press("Continue").await;
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("usage: screenshots FOLDER"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mail = MailServer::start().await;
    let mut server = Server::on(Engine::Sqlite);
    server.set("MAIL_URL", &mail.url());
    let mut acme = Acme::in_server(server);
    let member = ["user", "create", "--email", MEMBER, "--name", "Bob", "--org", ORGANIZATION, "--password-stdin"];
    acme.server.json(&member, PASSWORD);
    acme.server.json(&["org", "create", "beta", "--name", "Beta Laboratories"], "");
    acme.server.json(&["member", "add", "--org", "beta", "--email", EMAIL], "");
    // As long as a name may be.
    let long = "Quarterly consolidated reporting workstation of the northern manufacturing group";
    let grants = ["--public", "--grant", "device_code", "--grant", "refresh_token"];
    acme.server.json(&[&["app", "create", "--org", ORGANIZATION, "--name", long], &grants[..]].concat(), "");
    acme.server.start().await;
    let chromium = Chromium::start().await;
    let tools = chromium.driver().cdp();
    let camera = Camera { chromium, tools, folder };

    users(&acme, &camera).await;
    admins(&acme, &camera).await;
    refusals(&acme, &camera).await;

    let letter = mail.letter(EMAIL, "Acme CLI").await;
    let file = camera.folder.join("letter.html");
    std::fs::write(&file, letter.html).expect("a file");
    std::fs::write(camera.folder.join("letter.txt"), format!("{}\n\n{}", letter.subject, letter.text)).expect("a file");
    let file = file.canonicalize().expect("it was written");
    camera.at(&format!("file://{}", file.display()), "letter").await;
}

async fn users(acme: &Acme, camera: &Camera) {
    let chromium = &camera.chromium;
    let issuer = acme.issuer();
    camera.at(&format!("{}/login", acme.server.url()), "login").await;
    sign_in(chromium, "nobody@acme.example").await;
    camera.take("login-wrong").await;
    camera.at(&format!("{issuer}/device"), "entry-signed-out").await;
    let (device_code, user_code) = code(acme).await;
    enter(acme, camera, &user_code).await;
    camera.take("login-on-the-way").await;
    sign_in(chromium, EMAIL).await;
    chromium.named(&["button"], "Deny").await;
    camera.take("review").await;
    chromium.tick(TICK).await;
    chromium.press("Approve").await;
    chromium.wait_for("/device/result").await;
    camera.take("result-approved").await;
    acme.device().poll(&device_code).await;
    enter(acme, camera, "BCDF-GHJK").await;
    camera.take("entry-wrong").await;
    let (_, user_code) = code(acme).await;
    camera.at(&format!("{issuer}/device?user_code={user_code}"), "entry-prefilled").await;
    chromium.press("Continue").await;
    chromium.press("Deny").await;
    chromium.wait_for("/device/result").await;
    camera.take("result-denied").await;
    camera.at(&format!("{}/orgs", acme.server.url()), "organizations").await;
    camera.at(&format!("{}/account/connections", acme.server.url()), "connections").await;
    let menu = chromium.driver().find(By::Css("details.account > summary")).await.expect("a menu");
    menu.click().await.expect("a menu");
    camera.take("connections-menu").await;
}

async fn admins(acme: &Acme, camera: &Camera) {
    let chromium = &camera.chromium;
    let portal = format!("{}/portal", acme.issuer());
    camera.at(&format!("{portal}/applications"), "portal-applications").await;
    camera.at(&format!("{portal}/applications/new"), "portal-create").await;
    chromium.fill("Name", " ").await;
    chromium.press("Create application").await;
    camera.take("portal-create-wrong").await;
    chromium.open(&format!("{portal}/applications/new")).await;
    chromium.fill("Name", "Lobby screen").await;
    chromium.named(&["radio"], "Confidential").await.click().await.expect("a choice");
    chromium.named(&["checkbox"], "Client credentials").await.click().await.expect("a choice");
    chromium.press("Create application").await;
    chromium.wait_for("Copy it now").await;
    camera.take("portal-secret").await;
    chromium.open(&format!("{portal}/applications")).await;
    chromium.named(&["link"], "Acme CLI").await.click().await.expect("a link");
    chromium.named(&["button"], "Save changes").await;
    camera.take("portal-application").await;
    chromium.fill("Polling interval, in seconds", "99").await;
    chromium.press("Save changes").await;
    camera.take("portal-application-wrong").await;
    camera.at(&format!("{}/orgs/beta/device", acme.server.url()), "entry-beta").await;
    code(acme).await;
    camera.at(&format!("{portal}/devices"), "portal-devices").await;
}

async fn refusals(acme: &Acme, camera: &Camera) {
    let chromium = &camera.chromium;
    let issuer = acme.issuer();
    camera.at(&format!("{issuer}/nothing-here"), "error-404").await;
    camera.at(&format!("{}/orgs/beta/portal/applications", acme.server.url()), "error-403").await;
    // A decision in two windows: the second one comes too late.
    let (_, user_code) = code(acme).await;
    enter(acme, camera, &user_code).await;
    chromium.named(&["button"], "Deny").await;
    let review = chromium.driver().current_url().await.expect("an address");
    let first = chromium.driver().window().await.expect("a window");
    let second = chromium.driver().new_tab().await.expect("a tab");
    chromium.driver().switch_to_window(second).await.expect("a tab");
    chromium.open(review.as_str()).await;
    chromium.press("Deny").await;
    chromium.wait_for("/device/result").await;
    chromium.driver().close_window().await.expect("a tab");
    chromium.driver().switch_to_window(first).await.expect("a window");
    chromium.press("Deny").await;
    camera.take("error-409").await;
    for _ in 0..6 {
        enter(acme, camera, "BCDF-GHJK").await;
    }
    camera.take("entry-429").await;
    chromium.driver().delete_all_cookies().await.expect("cookies");
    chromium.open(&format!("{}/login", acme.server.url())).await;
    for _ in 0..11 {
        chromium.fill("E-mail address", "nobody@acme.example").await;
        chromium.fill("Password", "wrong").await;
        chromium.press("Sign in").await;
    }
    camera.take("login-429").await;
}
