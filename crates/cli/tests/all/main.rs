//! The program as a process, against a scripted server on a loopback socket.

#[cfg(test)]
#[path = "../../../client/src/scripted.rs"]
#[expect(dead_code, reason = "shared with the library's tests, which look at more of it")]
mod scripted;

#[cfg(test)]
mod support;

#[cfg(test)]
mod login;

#[cfg(test)]
mod later;

#[cfg(test)]
mod dialects;

#[cfg(test)]
mod evil;
