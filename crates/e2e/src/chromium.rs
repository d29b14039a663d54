//! A real Chromium, driven by WebDriver, which finds things by the names that people and screen readers have for them.

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::LoggingPrefsLogLevel;
use thirtyfour::prelude::*;

use crate::places::{command, free_port};
use crate::process::{Process, signal};
use crate::wait::until;

/// One person's browser with a fresh profile. It ends with this value.
#[derive(Debug)]
pub struct Chromium {
    // Ended in this order: the browser, its driver, its profile.
    driver: WebDriver,
    _process: Process,
    _profile: Profile,
}

/// Where the focus is.
#[derive(Debug, Default, Deserialize)]
pub struct Focus {
    /// The accessible name of what has it, or else its `id`; empty for the page itself.
    pub name: String,
    /// Whether a ring around it is to be seen.
    pub seen: bool,
}

const FLAGS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,900",
    // The accessible names as Chromium computes them, for scripts to read.
    "--enable-blink-features=ComputedAccessibilityInfo",
];

/// The visible element of a role and a name, both as assistive technology is told them.
const FIND: &str = r"
    const [roles, name] = arguments;
    const all = document.querySelectorAll('a, button, input, select, textarea, summary, [role]');
    return [...all].find(e => roles.includes(e.computedRole) && e.computedName.trim() === name && e.checkVisibility()) ?? null;
";

/// What has the focus, and whether a ring around it is to be seen, the browser's own or one of two pixels or more. Of nothing that is the page itself,
/// which has no ring and needs none.
const FOCUS: &str = r"
    const e = document.activeElement, page = !e || e === document.body;
    if (page) return {name: '', seen: true};
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    const ring = style.outlineStyle === 'auto' || style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const inside = box.width > 0 && box.height > 0 && box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return {name: e.computedName.trim() || e.id, seen: ring && inside && (e.contains(top) || e.labels?.[0]?.contains(top) || false)};
";

/// Whether this button sends its form as it is filled; the page is marked then.
const MARK: &str = r"
    const [button] = arguments, form = button.form;
    const leaves = Boolean(form) && button.type === 'submit' && (button.formNoValidate || form.checkValidity());
    if (leaves) document.documentElement.dataset.left = '';
    return leaves;
";

/// Whether another page than the marked one is there.
const NEXT: &str = "return document.readyState === 'complete' && !('left' in document.documentElement.dataset)";

/// The folder of a browser's profile. It goes when none of the browser's processes is left to write into it again: they are
/// many, and not all of them end at once with the first.
#[derive(Debug)]
struct Profile(TempDir);

impl Profile {
    /// The processes that name the folder on their command line, as all of the browser's do.
    fn users(&self) -> Vec<u32> {
        let folder = self.0.path().display().to_string();
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = processes.filter_map(|process| process.file_name().to_str()?.parse::<u32>().ok());
        let uses = |pid: &u32| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&folder)
        };
        pids.filter(uses).collect()
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        for _ in 0..100 {
            let users = self.users();
            if users.is_empty() {
                return;
            }
            for pid in users {
                signal("KILL", pid);
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Left to itself the session asks its driver to close, waits for the answer where nobody can listen, and loses two
        // minutes. Ending the driver ends the browser.
        drop(self.driver.clone().leak());
    }
}

impl Chromium {
    /// Starts a driver and a browser.
    ///
    /// # Panics
    /// When either does not start.
    pub async fn start() -> Self {
        let profile = Profile(TempDir::with_prefix("doorward-chromium.").expect("a temporary folder"));
        let folder = profile.0.path();
        let port = free_port();
        let mut driver = command("chromedriver");
        driver.arg(format!("--port={port}")).env("HOME", folder);
        let mut process = Process::start("chromedriver", driver, &folder.join("chromedriver.log"));
        let address = format!("http://127.0.0.1:{port}");
        process.listens_at(&format!("{address}/status")).await;

        let mut wanted = DesiredCapabilities::chrome();
        let data = format!("--user-data-dir={}", folder.join("profile").display());
        for flag in FLAGS.into_iter().chain([data.as_str()]) {
            wanted.add_arg(flag).expect("a flag");
        }
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All).expect("a capability");
        let driver = WebDriver::new(&address, wanted).await.expect("Chromium starts");
        Self { driver, _process: process, _profile: profile }
    }

    /// The driver itself, for what has no word here.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Goes to an address.
    ///
    /// # Panics
    /// When it can't.
    pub async fn open(&self, address: &str) {
        self.driver.goto(address).await.expect("the page loads");
    }

    /// Types into the field of this name, in place of what it holds.
    ///
    /// # Panics
    /// When there is none.
    pub async fn fill(&self, name: &str, value: &str) {
        let field = self.named(&["textbox", "searchbox"], name).await;
        field.clear().await.expect("a field that can be emptied");
        field.send_keys(value).await.expect("a field that can be typed into");
    }

    /// Presses the button of this name. Where that sends a form, it returns when the next page is there: the one that is left
    /// may have fields of the same names.
    ///
    /// # Panics
    /// When there is none.
    pub async fn press(&self, name: &str) {
        let button = self.named(&["button"], name).await;
        let argument = button.to_json().expect("an element has a number");
        let leaves = self.driver.execute(MARK, vec![argument]).await.and_then(|answer| answer.convert());
        button.click().await.expect("a button that can be pressed");
        if leaves.expect("a page that scripts can ask") {
            let what = format!("the page after {name}");
            until(&what, async || {
                self.driver.execute(NEXT, Vec::new()).await.ok()?.convert().ok().filter(|next| *next)
            })
            .await;
        }
    }

    /// Presses the button of this name, whose form a script sends later or not at all.
    ///
    /// # Panics
    /// When there is none.
    pub async fn press_for_script(&self, name: &str) {
        self.named(&["button"], name).await.click().await.expect("a button that can be pressed");
    }

    /// Gives the browser an authenticator that keeps passkeys, and whose user is there and says yes: plugged in (`usb`), or
    /// part of the device (`internal`), whose passkeys the browser offers by itself.
    ///
    /// # Panics
    /// When the browser does not take it.
    pub async fn add_authenticator(&self, transport: &str) {
        self.tell("WebAuthn.enable", json!({})).await;
        let options = json!({"options": {
            "protocol": "ctap2", "transport": transport, "hasResidentKey": true, "hasUserVerification": true,
            "isUserVerified": true, "automaticPresenceSimulation": true,
        }});
        self.tell("WebAuthn.addVirtualAuthenticator", options).await;
    }

    /// Says something to the browser in its developers' tools' own words, and gives its answer.
    ///
    /// # Panics
    /// When it does not understand.
    pub async fn tell(&self, command: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(command, parameters).await.expect("a command that Chromium knows")
    }

    /// Says whether its user wants pages `light` or `dark`.
    ///
    /// # Panics
    /// When the browser does not take it.
    pub async fn prefer(&self, scheme: &str) {
        let wish = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.tell("Emulation.setEmulatedMedia", wish).await;
    }

    /// Gives the page a screen of this size, in CSS pixels, until [`Self::resize_back`].
    ///
    /// # Panics
    /// When the browser does not take it.
    pub async fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.tell("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Gives the page the screen that it had before.
    ///
    /// # Panics
    /// When the browser does not take it.
    pub async fn resize_back(&self) {
        self.tell("Emulation.clearDeviceMetricsOverride", json!({})).await;
    }

    /// What a script's `return` gives.
    ///
    /// # Panics
    /// When it fails.
    pub async fn ask(&self, script: &str) -> Value {
        let answer = self.driver.execute(script, Vec::new()).await.expect("a script that runs");
        answer.json().clone()
    }

    /// Runs no script of any page from now on.
    ///
    /// # Panics
    /// When the browser refuses.
    pub async fn without_scripts(&self) {
        self.tell("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": true })).await;
    }

    /// Opens an address in a window of its own, which then is the one that is spoken of.
    ///
    /// # Panics
    /// When it can't.
    pub async fn open_another(&self, address: &str) {
        let window = self.driver.new_window().await.expect("another window");
        self.driver.switch_to_window(window).await.expect("a window that is there");
        self.open(address).await;
    }

    /// Ticks the box of this name.
    ///
    /// # Panics
    /// When there is none.
    pub async fn tick(&self, name: &str) {
        self.named(&["checkbox"], name).await.click().await.expect("a box that can be ticked");
    }

    /// Waits for the visible control of one of these roles with this accessible name.
    ///
    /// # Panics
    /// When none appears; the page is shown.
    pub async fn named(&self, roles: &[&str], name: &str) -> WebElement {
        let arguments = vec![json!(roles), json!(name)];
        let search = until(name, async || self.driver.execute(FIND, arguments.clone()).await.ok()?.element().ok());
        match tokio::time::timeout(crate::wait::PATIENCE / 3, search).await {
            Ok(found) => found,
            Err(_) => panic!("no {roles:?} is called {name:?} here: {}", self.text().await),
        }
    }

    /// Waits until the page shows these words.
    ///
    /// # Panics
    /// When it never does; the page is shown.
    pub async fn wait_for(&self, words: &str) {
        let search = until(words, async || self.text().await.contains(words).then_some(()));
        if tokio::time::timeout(crate::wait::PATIENCE / 3, search).await.is_err() {
            panic!("the page does not say {words:?}: {}", self.text().await);
        }
    }

    /// What the page shows, with its address; empty while it is being replaced.
    pub async fn text(&self) -> String {
        let text = self.driver.execute("return location.href + '\\n' + document.body.innerText", Vec::new()).await;
        text.ok().and_then(|text| text.convert().ok()).unwrap_or_default()
    }

    /// Presses Tab until the control of this name has the focus; at each stop on the way the focus is to be seen.
    ///
    /// # Panics
    /// When the keyboard alone does not lead there, or the focus is lost from sight.
    pub async fn tab_to(&self, name: &str) {
        let mut passed = Vec::new();
        for _ in 0..40 {
            self.keys(Key::Tab + "").await;
            let focus = self.focus().await;
            assert!(focus.seen, "the focus on {focus:?}, after {passed:?}, is not to be seen: {}", self.text().await);
            if focus.name == name {
                return;
            }
            passed.push(focus.name);
        }
        panic!("Tab never leads to {name:?}, but to {passed:?} of {}", self.text().await);
    }

    /// Where the focus is.
    pub async fn focus(&self) -> Focus {
        let focus = self.driver.execute(FOCUS, Vec::new()).await;
        focus.ok().and_then(|focus| focus.convert().ok()).unwrap_or_default()
    }

    /// Presses keys, wherever the focus is.
    ///
    /// # Panics
    /// When the browser does not take them.
    pub async fn keys(&self, keys: impl Into<TypingData>) {
        self.driver.action_chain().send_keys(keys).perform().await.expect("a keyboard");
    }

    /// What the browser complained about so far, such as a breach of the page's own security policy.
    ///
    /// # Panics
    /// When it does not say.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.driver.browser_log().await.expect("the browser's log");
        entries.into_iter().map(|entry| entry.message).filter(|text| !text.contains("favicon")).collect()
    }
}
