//! Sends requests through `wasi:http/outgoing-handler`.

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
    http_error_code,
};
use wasip2::io::streams::StreamError;

use super::{Request, Response};
use crate::Error;

/// What `blocking-write-and-flush` takes at most.
const WRITE_CHUNK: usize = 4_096;
const READ_CHUNK: u64 = 64 * 1_024;

pub(super) fn send(request: &Request) -> Result<Response, Error> {
    let (upstream, path) = request.parts()?;
    let (limit, timeout) = request.limits();

    let headers = Fields::new();
    for (name, value) in request.headers() {
        headers
            .append(name, value.as_bytes())
            .map_err(|error| Error::Denied(format!("the header {name:?} may not be sent: {error}")))?;
    }
    let outgoing = OutgoingRequest::new(headers);
    let wrong =
        |part: &str| Error::Other(format!("{} {} has a {part} that cannot be sent", request.method(), request.url()));
    outgoing.set_method(&method(request.method())).map_err(|()| wrong("method"))?;
    outgoing.set_scheme(Some(&Scheme::Http)).map_err(|()| wrong("scheme"))?;
    outgoing.set_authority(Some(upstream)).map_err(|()| wrong("host"))?;
    outgoing.set_path_with_query(Some(path)).map_err(|()| wrong("path"))?;

    let options = timeout.map(|timeout| {
        let options = RequestOptions::new();
        // What the host does not take it replaces by a limit of its own.
        let _ = options.set_first_byte_timeout(Some(u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX)));
        options
    });
    let body = outgoing.body().map_err(|()| wrong("body"))?;
    let future = handle(outgoing, options).map_err(|code| explain(upstream, &code))?;
    write(body, request.body_bytes()).map_err(|code| explain(upstream, &code))?;

    let pollable = future.subscribe();
    pollable.block();
    let incoming = match future.get() {
        Some(Ok(answer)) => answer.map_err(|code| explain(upstream, &code))?,
        Some(Err(())) | None => return Err(Error::Unavailable(format!("{upstream} gave no answer"))),
    };
    let status = incoming.status();
    let headers = headers_of(&incoming);
    let body = read(&incoming, limit).map_err(|code| explain(upstream, &code))?.ok_or_else(|| request.too_long())?;
    let response = Response::new(status, body);
    Ok(headers.into_iter().fold(response, |response, (name, value)| response.with_header(name, value)))
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

fn write(body: OutgoingBody, bytes: &[u8]) -> Result<(), ErrorCode> {
    {
        let stream = body.write().map_err(|()| ErrorCode::InternalError(None))?;
        for chunk in bytes.chunks(WRITE_CHUNK) {
            match stream.blocking_write_and_flush(chunk) {
                Ok(()) => {}
                // The other side needs no more; its answer says why.
                Err(StreamError::Closed) => return Ok(()),
                Err(StreamError::LastOperationFailed(error)) => {
                    return Err(http_error_code(&error).unwrap_or(ErrorCode::InternalError(None)));
                }
            }
        }
    }
    OutgoingBody::finish(body, None)
}

fn headers_of(incoming: &IncomingResponse) -> Vec<(String, String)> {
    let entries = incoming.headers().entries();
    entries.into_iter().filter_map(|(name, value)| Some((name, String::from_utf8(value).ok()?))).collect()
}

/// The body, or none when it is longer than the limit.
fn read(incoming: &IncomingResponse, limit: usize) -> Result<Option<Vec<u8>>, ErrorCode> {
    let body: IncomingBody = incoming.consume().map_err(|()| ErrorCode::InternalError(None))?;
    let stream = body.stream().map_err(|()| ErrorCode::InternalError(None))?;
    let mut out = Vec::new();
    loop {
        match stream.blocking_read(READ_CHUNK) {
            Ok(chunk) if out.len() + chunk.len() > limit => return Ok(None),
            Ok(chunk) => out.extend_from_slice(&chunk),
            Err(StreamError::Closed) => return Ok(Some(out)),
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(http_error_code(&error).unwrap_or(ErrorCode::InternalError(None)));
            }
        }
    }
}

/// Puts the host's codes into words and into the contract's errors.
fn explain(upstream: &str, code: &ErrorCode) -> Error {
    let unavailable = |what: &str| Error::Unavailable(format!("{upstream} {what}"));
    match code {
        ErrorCode::HttpRequestDenied => {
            Error::Denied(format!("the portal refuses this request to {upstream}; the plugin's log says why"))
        }
        ErrorCode::DestinationIpProhibited => {
            Error::Denied(format!("the address behind {upstream} may not be reached"))
        }
        ErrorCode::DnsError(_) | ErrorCode::DnsTimeout | ErrorCode::DestinationNotFound => {
            unavailable("was not found by its name")
        }
        ErrorCode::DestinationUnavailable => unavailable("could not be reached; the plugin's log says why"),
        ErrorCode::HttpRequestUriInvalid => {
            Error::Other(format!("the address of a request to {upstream} is not valid"))
        }
        ErrorCode::ConnectionRefused => unavailable("refused the connection"),
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => unavailable("did not answer in time"),
        ErrorCode::HttpResponseBodySize(_) => unavailable("sent more than may be read"),
        ErrorCode::HttpRequestBodySize(_) => Error::Other(format!("the request to {upstream} has too long a body")),
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError | ErrorCode::TlsAlertReceived(_) => {
            unavailable("could not be reached securely")
        }
        ErrorCode::InternalError(Some(reason)) => unavailable(&format!("could not be reached: {reason}")),
        other => unavailable(&format!("could not be reached: {other:?}")),
    }
}
