//! Who is at the browser: passwords, sign-in, sessions, known devices, and the budgets that guard them.

pub mod budget;
pub mod csrf;
pub mod known_device;
pub mod password;
pub mod session;
pub mod sign_in;
pub mod waiting_code;
