//! The authorization server: HTTP, configuration, jobs, commands
