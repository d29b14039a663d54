//! In-process HTTP: the real server on a port of its own, on both engines.

#[cfg(test)]
mod support;

#[cfg(test)]
mod device_grant;
