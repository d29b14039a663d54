//! The filter of the audit log, as it is typed.

use super::audit_words::ACTIONS;
use directory::audit_log::Filter;
use model::time::Timestamp;
use model::user::email_key;
use protocol::params::Params;
use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use views::pages::FormError;
use views::say;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The fields as typed.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    pub(super) action: String,
    pub(super) email: String,
    pub(super) from: String,
    pub(super) to: String,
}

impl Typed {
    pub(super) fn read(params: &Params) -> Self {
        let field = |name: &str| params.get(name).unwrap_or_default().trim().to_owned();
        Self { action: field("action"), email: field("email"), from: field("from"), to: field("to") }
    }

    /// The fields that are not empty.
    pub(super) fn fields(&self) -> Vec<(&'static str, &str)> {
        let all = [("action", &self.action), ("email", &self.email), ("from", &self.from), ("to", &self.to)];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.as_str())).collect()
    }

    /// The filter that they are, or what is wrong with them.
    pub(super) fn filter(&self) -> Result<Filter, Vec<FormError>> {
        let mut errors = Vec::new();
        let mut filter = Filter::default();
        if !self.action.is_empty() {
            match ACTIONS.iter().find(|(action, _)| action.as_str() == self.action) {
                Some((action, _)) => filter.action = Some(action.as_str().to_owned()),
                None => errors.push(FormError::new("action", say::audit_action_unknown())),
            }
        }
        if !self.email.is_empty() {
            filter.email_key = email_key(&self.email);
            if filter.email_key.is_none() {
                errors.push(FormError::new("email", say::audit_person_wrong()));
            }
        }
        let (from, to) = (day(&self.from), day(&self.to));
        for (field, day) in [("from", &from), ("to", &to)] {
            if day.is_err() {
                errors.push(FormError::new(field, say::audit_date_wrong()));
            }
        }
        if let (Ok(from), Ok(to)) = (from, to) {
            if from.zip(to).is_some_and(|(from, to)| to < from) {
                errors.push(FormError::new("to", say::audit_dates_turned()));
            }
            filter.from = from.map(begins);
            // The calendar's last day has no next one, and nothing comes after it.
            filter.until = to.and_then(Date::next_day).map(begins);
        }
        if errors.is_empty() { Ok(filter) } else { Err(errors) }
    }
}

/// A day that is none.
struct NotADay;

/// A day as browsers send it; nothing where the field is empty.
fn day(text: &str) -> Result<Option<Date>, NotADay> {
    if text.is_empty() {
        return Ok(None);
    }
    // The format alone would take a sign before the year.
    let plain = text.starts_with(|first: char| first.is_ascii_digit());
    Date::parse(text, DAY).map_err(|_| NotADay).and_then(|day| if plain { Ok(Some(day)) } else { Err(NotADay) })
}

/// When a day begins, in UTC.
fn begins(day: Date) -> Timestamp {
    Timestamp::from_seconds(day.midnight().assume_utc().unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(query: &str) -> Typed {
        Typed::read(&Params::parse(query.as_bytes()).unwrap())
    }

    fn wrong(query: &str) -> Vec<String> {
        let errors = typed(query).filter().err().unwrap_or_default();
        errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn days_are_taken_from_their_beginning_to_their_end() {
        let filter = typed("action=grant.approved&email=+Ada%40Acme.example&from=1970-01-02&to=1970-01-02&before=x");
        let filter = filter.filter().unwrap();
        let day = 24 * 60 * 60;
        assert_eq!(filter.from, Some(Timestamp::from_seconds(day)));
        assert_eq!(filter.until, Some(Timestamp::from_seconds(2 * day)));
        assert_eq!(filter.action.as_deref(), Some("grant.approved"));
        assert_eq!(filter.email_key.as_deref(), Some("ada@acme.example"));
        let all = typed("action=&email=&from=&to=");
        assert!(all.fields().is_empty());
        let all = all.filter().unwrap();
        assert!(all.action.is_none() && all.email_key.is_none() && all.from.is_none() && all.until.is_none());
        assert!(typed("from=9999-12-31&to=9999-12-31").filter().unwrap().until.is_none());
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        assert_eq!(wrong("action=grant&email=ada&from=2026-02-30&to=tomorrow"), ["action", "email", "from", "to"]);
        for day in ["2026-13-01", "-2026-01-01", "%2B2026-01-01", "2026-1-1", "26-01-01", "2026-01-01T00:00"] {
            assert_eq!(wrong(&format!("from={day}")), ["from"], "{day}");
        }
        assert_eq!(wrong("from=2026-11-02&to=2026-11-01"), ["to"]);
        assert_eq!(wrong("from=2026-11-02&to=2026-11-02"), [""; 0]);
    }
}
