//! Passwords, sign-in, sessions, known devices, budgets
