//! Applications, client authentication and the life of a grant
