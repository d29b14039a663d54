//! In-process HTTP: the real server on a port of its own, on both engines.
#![expect(unreachable_pub, reason = "`pub` is what one file of the tests offers to the others")]

#[cfg(test)]
mod authenticator;
#[cfg(test)]
mod support;

#[cfg(test)]
mod commands;
#[cfg(test)]
mod device_grant;
#[cfg(test)]
mod house;
#[cfg(test)]
mod json_dialect;
#[cfg(test)]
mod organizations;
#[cfg(test)]
mod page_form;
#[cfg(test)]
mod passkeys;
#[cfg(test)]
mod purpose_consumers;
#[cfg(test)]
mod purpose_pages;
#[cfg(test)]
mod purpose_specimens;
#[cfg(test)]
mod purpose_world;
#[cfg(test)]
mod raw;
#[cfg(test)]
mod resources;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod scopes;
#[cfg(test)]
mod second_factors;
#[cfg(test)]
mod sign_in_settings;
#[cfg(test)]
mod signing_keys_page;
#[cfg(test)]
mod stage;

#[cfg(test)]
mod account_pages;
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod alarms;
#[cfg(test)]
mod audit_log;
#[cfg(test)]
mod audited;
#[cfg(test)]
mod authorize;
#[cfg(test)]
mod authorize_codes;
#[cfg(test)]
mod authorize_decisions;
#[cfg(test)]
mod authorize_sign_in;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod client_authentication;
#[cfg(test)]
mod code_flow;
#[cfg(test)]
mod commands_audit;
#[cfg(test)]
mod commands_letters;
#[cfg(test)]
mod commands_scopes;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod device_login;
#[cfg(test)]
mod device_pages;
#[cfg(test)]
mod disconnecting;
#[cfg(test)]
mod discovery;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod email_sign_in;
#[cfg(test)]
mod embedded;
#[cfg(test)]
mod embedded_decisions;
#[cfg(test)]
mod embedded_registration;
#[cfg(test)]
mod eml;
#[cfg(test)]
mod escaping;
#[cfg(test)]
mod forgery;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod idp;
#[cfg(test)]
mod instance;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod languages;
#[cfg(test)]
mod letter_budgets;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod logos;
#[cfg(test)]
mod methods;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod new_devices;
#[cfg(test)]
mod places;
#[cfg(test)]
mod polling;
#[cfg(test)]
mod portal;
#[cfg(test)]
mod published;
#[cfg(test)]
mod published_words;
#[cfg(test)]
mod purposes;
#[cfg(test)]
mod races;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod shedding;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod tenancy;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod tokens_bounds;
#[cfg(test)]
mod tokens_ending;
#[cfg(test)]
mod tokens_page;
#[cfg(test)]
mod tokens_portal;
#[cfg(test)]
mod tokens_races;
#[cfg(test)]
mod upstream;
#[cfg(test)]
mod upstream_ends;
#[cfg(test)]
mod upstream_own;
#[cfg(test)]
mod upstream_presets;
#[cfg(test)]
mod user_codes;
#[cfg(test)]
mod validity;
#[cfg(test)]
mod waiting;
#[cfg(test)]
mod walks;
#[cfg(test)]
mod wire;
