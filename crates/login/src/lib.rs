//! Who is at the browser: passwords, sign-in, sessions, known devices, and the budgets that guard them.

pub mod alarm;
pub mod attempt;
pub mod breached;
pub mod budget;
pub mod csrf;
pub mod email_change;
pub mod factor;
pub mod factor_attempt;
pub mod known_device;
pub mod mail_link;
pub mod passkey;
pub mod password;
pub mod recovery;
pub mod session;
pub mod sign_in;
pub mod step_up;
pub mod totp;
pub mod upstream;
pub mod waiting_code;
