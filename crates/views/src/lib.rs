//! Pages and letters as typed values, rendered from templates
