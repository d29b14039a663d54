//! The database threads under strain: what fails, what waits, what races, on both engines.

#[cfg(test)]
mod both;
#[cfg(test)]
mod group;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod sqlite;
#[cfg(test)]
mod support;
