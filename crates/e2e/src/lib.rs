//! End-to-end tests: processes, browser, mail, foreign clients
