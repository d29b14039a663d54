//! Letters: a transactional outbox, and the ways in which a letter leaves.
//!
//! 1. Whoever changes something posts the letter about it in the same transaction ([`outbox::post`]): no letter tells
//!    of what did not happen, and none is lost in a crash.
//! 2. One node at a time holds the outbox's lease and takes the letters that are due ([`outbox::lease_due`]).
//! 3. Each is rendered elsewhere, put into an [`Envelope`] and sent by a [`Transport`].
//! 4. What came of it is noted ([`outbox::mark`]): sent, to be tried again later, or given up.
//!
//! Between 3 and 4 a crash may repeat a letter. It then goes out under the same `Message-ID`, by which mail programs
//! know it for the same.

mod account_letters;
mod envelope;
mod folder;
mod letter;
mod mail_url;
pub mod outbox;
mod smtp;
mod transport;

pub use account_letters::{AskedFor, InvitationLetter, InvitedAs, LinkLetter, RegistrationLetter};
pub use envelope::{Envelope, Mailbox, MessageId, NotAMailbox};
pub use letter::{AccountChange, AccountChanged, DeviceAuthorized, Letter, LoginApproval, MadeKey, NewSignIn, To};
pub use mail_url::BadMailUrl;
pub use transport::{SendProblem, Transport};
