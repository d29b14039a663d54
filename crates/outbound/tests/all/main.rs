//! Fetching from servers of the tests' own.

#[cfg(test)]
mod fetch;
