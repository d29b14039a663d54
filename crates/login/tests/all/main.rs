//! Sign-in's rules against both databases.

#[cfg(test)]
mod budgets;
