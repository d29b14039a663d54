//! In-process HTTP: the real server on a port of its own, on both engines.

#[cfg(test)]
mod support;

#[cfg(test)]
mod commands;
#[cfg(test)]
mod device_grant;
#[cfg(test)]
mod house;
#[cfg(test)]
mod page_form;
#[cfg(test)]
mod raw;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod stage;

#[cfg(test)]
mod audited;
#[cfg(test)]
mod forgery;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod methods;
#[cfg(test)]
mod tenancy;
