//! The own password, which somebody signed in types once more: charged before it is compared, and given back where it was
//! right, or was not compared at all.

use crate::context::Context;
use crate::refused::Refused;
use login::budget::{Charging, Receipt};
use login::factor::{self, Scales};
use login::password;
use model::audit::By;
use model::fault::Fault;
use model::id::UserId;
use model::secret::Secret;
use std::time::Duration;
use store::tables::users;
use store::{Class, Conn};

/// A password that is asked for.
#[derive(Clone)]
pub(super) struct Asked {
    hash: Secret,
    charged: Receipt,
}

impl Asked {
    /// Charges it, where `hash` is the account's; gives when to try again where too many were wrong.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn charge(
        conn: &mut Conn,
        user: UserId,
        hash: Secret,
        scales: &Scales,
        by: &By,
    ) -> Result<Result<Self, Duration>, Fault> {
        Ok(match factor::charge_password(conn, user, scales, by)? {
            Charging::Taken(charged) => Ok(Self { hash, charged }),
            Charging::Spent { retry_after } => Err(retry_after),
        })
    }

    /// Whether it is what was typed. What can't be compared was no guess, and is given back.
    ///
    /// # Errors
    /// `Busy` where too many wait to be compared.
    pub(super) async fn is(&self, context: &Context, typed: Secret) -> Result<bool, Refused> {
        if typed.expose().len() > password::LONGEST {
            return Ok(false);
        }
        match context.state.passwords.verify(typed, Some(self.hash.clone())).await {
            Ok(right) => Ok(right),
            Err(failed) => {
                self.give_back(context).await?;
                Err(failed.into())
            }
        }
    }

    /// Gives it back, where it was not compared.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn give_back(&self, context: &Context) -> Result<(), Fault> {
        let charged = self.charged.clone();
        let written =
            context.state.db.write("give back guess", Class::Durable, move |conn| factor::refund(conn, &charged));
        written.await.map(drop)
    }

    /// Whether what was right is still the account's password, and is given back. Only for a user that is held to be
    /// changed: of two changes at once the second finds another password, which nobody has typed.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn still(&self, conn: &mut Conn, user: UserId) -> Result<bool, Fault> {
        let still = users::password_hash(conn, user)?.is_some_and(|now| now.expose() == self.hash.expose());
        if still {
            factor::refund(conn, &self.charged)?;
        }
        Ok(still)
    }
}
