//! The transactional outbox: letters by SMTP or as files, under a lease
