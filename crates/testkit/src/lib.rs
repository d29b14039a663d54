//! Engines for tests: throw-away databases on SQLite and PostgreSQL, seeded clock and randomness
