//! Keys, claims and tokens: issuing, refreshing, introspecting, revoking
