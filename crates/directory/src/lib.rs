//! Organizations, members, scope catalogues, branding
