//! Wire vocabulary of the OAuth and OpenID Connect RFCs: parameters, errors, answers
