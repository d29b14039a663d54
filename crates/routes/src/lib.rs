//! Every route of the server, once: typed URL builders and the table that tests iterate
