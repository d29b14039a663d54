//! A request's body on its way in: read to its end and no further than a bound, or held until the connection ends.

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, BytesMut};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A body of which something may still come.
pub(crate) struct Unread(BodyStream<Payload>);

/// Why a body was not read to its end.
pub(crate) enum NotRead {
    /// It is longer than allowed.
    TooLong,
    /// The connection broke, or its framing did.
    BrokeOff,
}

impl Unread {
    pub(crate) fn new(payload: Payload) -> Self {
        Self(BodyStream::new(payload))
    }

    /// Reads it to its end.
    ///
    /// # Errors
    /// Where it is longer than `longest` bytes, or breaks off.
    pub(crate) async fn read(&mut self, longest: usize) -> Result<Bytes, NotRead> {
        let mut read = BytesMut::new();
        while let Some(chunk) = poll_fn(|context| Pin::new(&mut self.0).poll_next(context)).await {
            let chunk = chunk.map_err(|_: PayloadError| NotRead::BrokeOff)?;
            if read.len() + chunk.len() > longest {
                return Err(NotRead::TooLong);
            }
            read.extend_from_slice(&chunk);
        }
        Ok(read.freeze())
    }

    /// The same answer, and the connection's last where something may still come. actix waits without end for the rest
    /// of a chunked body that was dropped, and hangs up on one that is still held when the answer has been sent.
    pub(crate) fn ends_with(self, answer: HttpResponse) -> HttpResponse {
        answer.map_body(|_, body| BoxBody::new(Last { body, _unread: self }))
    }
}

struct Last {
    body: BoxBody,
    _unread: Unread,
}

impl MessageBody for Last {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(context)
    }
}
