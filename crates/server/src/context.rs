//! One request at the edge: what came in, when, from where. Read once here and handed on as values.

use crate::clock::Stopwatch;
use crate::extract::language;
use crate::extract::origin::origin_of;
use crate::refused::Refused;
use crate::state::State;
use crate::unread::{NotRead, Unread};
use actix_web::http::header;
use actix_web::rt::time::timeout;
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{FromRequest as _, HttpMessage as _, HttpRequest, HttpResponse};
use model::context::Origin;
use model::language::Language;
use model::moment::Moment;
use model::time::Timestamp;
use model::user::User;
use protocol::error::OAuthError;
use protocol::params::Params;
use routes::Route;
use routes::url::percent_encoded;
use std::future::Future;
use std::time::Duration;

/// The longest body that is read, in bytes.
pub const LONGEST_BODY: usize = 64 * 1024;

/// One request.
pub struct Context {
    /// Method, path, headers.
    pub request: HttpRequest,
    /// The body, read to its end.
    pub body: Bytes,
    /// What the server is made of.
    pub state: Data<State>,
    /// When, with randomness.
    pub moment: Moment,
    /// From where.
    pub origin: Origin,
    /// What the sender reads, unless their account says otherwise: see [`Context::spoken_to`].
    pub language: Language,
}

/// The request's id, as `X-Request-Id` tells it.
#[derive(Clone)]
pub struct RequestId(pub String);

impl Context {
    async fn read(request: &HttpRequest, unread: &mut Unread, state: Data<State>) -> Result<Self, Refused> {
        let moment = state.time.moment();
        let origin = origin_of(request, &state.config.trusted_proxies);
        let body = read_body(request, unread, state.config.request_timeout).await?;
        let language = language::of(request, &state.config.public_url);
        Ok(Self { request: request.clone(), body, state, moment, origin, language })
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.moment.now()
    }

    /// What a user is spoken to in: the language of their account, else that of the request.
    pub fn spoken_to(&self, user: &User) -> Language {
        user.language.unwrap_or(self.language)
    }

    /// A parameter of the path, raw: no path that needs decoding gets this far.
    pub fn path(&self, name: &str) -> &str {
        self.request.match_info().get(name).unwrap_or_default()
    }

    /// The request's id.
    pub fn request_id(&self) -> String {
        request_id(&self.request)
    }

    /// A header's value, where there is exactly one and it is text.
    pub fn header(&self, name: header::HeaderName) -> Option<&str> {
        let mut values = self.request.headers().get_all(name);
        let first = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(first)
    }

    /// The query's parameters.
    ///
    /// # Errors
    /// Where they are not well-formed.
    pub fn query(&self) -> Result<Params, OAuthError> {
        Params::parse(self.request.query_string().as_bytes())
    }

    /// The form in the body.
    ///
    /// # Errors
    /// Where the body is not a form, or not well-formed.
    pub fn form(&self) -> Result<Params, Refused> {
        Params::parse(self.form_body()?).map_err(Refused::OAuth)
    }

    /// The form of a page in the body, whose fields named by `repeatable` may repeat.
    ///
    /// # Errors
    /// Where the body is not a form, or not well-formed.
    pub fn page_form(&self, repeatable: &[&str]) -> Result<Params, Refused> {
        Params::parse_page_form(self.form_body()?, repeatable).map_err(Refused::OAuth)
    }

    /// As [`Context::page_form`], of a page that may send a file in the field `file` (RFC 7578); without one it may be a form like
    /// every other. The file is empty where none was chosen.
    ///
    /// # Errors
    /// The same.
    pub async fn page_form_with_file(&self, repeatable: &[&str], file: &str) -> Result<(Params, Bytes), Refused> {
        let kind = self.header(header::CONTENT_TYPE).unwrap_or_default();
        let Ok(boundary) = multer::parse_boundary(kind) else {
            return Ok((self.page_form(repeatable)?, Bytes::new()));
        };
        let broken = |_| Refused::OAuth(OAuthError::invalid_request("The form is not well-formed."));
        let parts = multer::Constraints::new().size_limit(multer::SizeLimit::new().whole_stream(LONGEST_BODY as u64));
        let mut parts = multer::Multipart::with_reader_with_constraints(self.body.as_ref(), boundary, parts);
        // Read by the rules of every other form, so that there is one set of them.
        let (mut fields, mut content) = (Vec::new(), None);
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            let value = part.bytes().await.map_err(broken)?;
            if name == file {
                if content.replace(value).is_some() {
                    return Err(Refused::OAuth(OAuthError::invalid_request("A parameter is given more than once.")));
                }
                continue;
            }
            let value = std::str::from_utf8(&value)
                .map_err(|_| Refused::OAuth(OAuthError::invalid_request("A parameter is not well-formed text.")))?;
            fields.push(format!("{}={}", percent_encoded(&name), percent_encoded(value)));
        }
        let form = Params::parse_page_form(fields.join("&").as_bytes(), repeatable).map_err(Refused::OAuth)?;
        Ok((form, content.unwrap_or_default()))
    }

    fn form_body(&self) -> Result<&[u8], Refused> {
        if self.request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Ok(&self.body)
        } else {
            Err(Refused::NotAForm)
        }
    }
}

/// The request's id; empty outside of the middleware that gives it.
pub fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

/// Waits no longer than `most`: connections are few, and a body that never ends would hold one for good.
async fn read_body(request: &HttpRequest, unread: &mut Unread, most: Duration) -> Result<Bytes, Refused> {
    let declared =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > LONGEST_BODY as u64) {
        return Err(Refused::TooLarge);
    }
    match timeout(most, unread.read(LONGEST_BODY)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(NotRead::BrokeOff)) => Err(Refused::OAuth(OAuthError::invalid_request("The request's body broke off."))),
        Ok(Err(NotRead::TooLong)) => Err(Refused::TooLarge),
        Err(_) => Err(Refused::TooSlow),
    }
}

/// Turns a use of a [`Context`] into the binding of a route of the table, or of none: what it refuses becomes the answer
/// that fits the path.
pub fn answering<F, Fut>(route: Option<Route>, handler: F) -> actix_web::Route
where
    F: Fn(Context) -> Fut + Clone + 'static,
    Fut: Future<Output = Result<HttpResponse, Refused>> + 'static,
{
    actix_web::web::to(move |request: HttpRequest, payload: Payload| {
        let handler = handler.clone();
        async move {
            let Ok(state) = Data::<State>::extract(&request).await else {
                return HttpResponse::InternalServerError().finish();
            };
            let mut unread = Unread::new(payload.into_inner());
            let (mut response, took) = match Context::read(&request, &mut unread, state.clone()).await {
                Ok(context) => {
                    let begun = Stopwatch::start();
                    let response = handler(context).await.unwrap_or_else(|refused| refused.answer(&request, &state));
                    (response, Some(begun.elapsed()))
                }
                Err(refused) => (unread.ends_with(refused.answer(&request, &state)), None),
            };
            language::keep(&request, &state.config.public_url, &mut response);
            state.metrics.answered(route, response.status(), took);
            response
        }
    })
}
