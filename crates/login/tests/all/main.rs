//! Sign-in's rules against both databases.

#[cfg(test)]
mod budgets;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod support;
