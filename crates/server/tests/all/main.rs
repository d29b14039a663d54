//! In-process HTTP: the real server on a port of its own, on both engines.
#![expect(unreachable_pub, reason = "`pub` is what one file of the tests offers to the others")]

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
mod portal;
#[cfg(test)]
mod tenancy;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod device_pages;
#[cfg(test)]
mod eml;
#[cfg(test)]
mod escaping;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod waiting;
