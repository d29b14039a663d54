//! Opening the person's browser.

use std::process::{Command, Stdio};
use std::thread;

/// Asks the desktop to show `address`, and does not wait for it. Where that fails the address on the screen is enough,
/// so nothing is said.
pub(crate) fn open(address: &str) {
    // The address comes from the server: it must be a web page, and never an option or a file.
    if !client::is_safe_address(address) {
        return;
    }
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        Command::new("xdg-open")
    };
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A group of its own, so that Ctrl-C here does not close the browser.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    if let Ok(mut child) = command.spawn() {
        // Somebody must take note of its end, or it stays around as a zombie.
        thread::spawn(move || child.wait());
    }
}
