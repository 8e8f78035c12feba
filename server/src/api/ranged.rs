//! A file as an answer, whole or in parts (RFC 9110 §14).

use std::io::SeekFrom;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};
use tokio_util::io::ReaderStream;

use super::error::Error;

/// What stands above the bytes.
pub(crate) struct Sent {
    /// Of this very version.
    pub etag: String,
    /// Media type.
    pub media_type: String,
    /// How it is shown, and its name.
    pub disposition: String,
}

/// The file, the part asked for, or word that the copy at hand is good.
pub(crate) async fn send(
    mut file: File,
    sent: &Sent,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let size = file.metadata().await.map_err(Error::internal)?.len();
    let etag = &sent.etag;
    let mut response = Response::new(Body::empty());
    put(&mut response, header::ETAG, etag)?;
    put(&mut response, header::ACCEPT_RANGES, "bytes")?;
    put(&mut response, header::CACHE_CONTROL, "private, no-cache")?;
    if is(headers, header::IF_NONE_MATCH, etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    put(&mut response, header::CONTENT_TYPE, &sent.media_type)?;
    put(
        &mut response,
        header::CONTENT_DISPOSITION,
        &sent.disposition,
    )?;

    // A part of another version is of no use: If-Range (RFC 9110 §13.1.5).
    let fresh = !headers.contains_key(header::IF_RANGE) || is(headers, header::IF_RANGE, etag);
    let asked = headers
        .get(header::RANGE)
        .filter(|_| fresh)
        .and_then(|range| range.to_str().ok());
    let (start, end) = match asked.map_or(Part::Whole, |range| part(range, size)) {
        Part::Whole => (0, size),
        Part::Outside => return Err(Error::Range(size)),
        Part::Range { start, end } => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let range = format!("bytes {start}-{}/{size}", end - 1);
            put(&mut response, header::CONTENT_RANGE, &range)?;
            (start, end)
        }
    };
    put(
        &mut response,
        header::CONTENT_LENGTH,
        &(end - start).to_string(),
    )?;
    file.seek(SeekFrom::Start(start))
        .await
        .map_err(Error::internal)?;
    let rest = ReaderStream::with_capacity(file.take(end - start), 64 * 1024);
    *response.body_mut() = Body::from_stream(rest);
    Ok(response)
}

fn put(response: &mut Response, name: header::HeaderName, value: &str) -> Result<(), Error> {
    let value = HeaderValue::try_from(value).map_err(Error::internal)?;
    response.headers_mut().insert(name, value);
    Ok(())
}

fn is(headers: &HeaderMap, name: header::HeaderName, etag: &str) -> bool {
    let Some(value) = headers.get(name).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    value
        .split(',')
        .any(|one| one.trim() == etag || one.trim() == "*")
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// From `start` to before `end`.
    Range {
        start: u64,
        end: u64,
    },
    Outside,
}

/// One range of octets. Several, and other units, are answered with the whole (RFC 9110 §14.2).
fn part(range: &str, size: u64) -> Part {
    let Some(spec) = range.trim().strip_prefix("bytes=") else {
        return Part::Whole;
    };
    let Some((first, last)) = spec.split_once('-').filter(|_| !spec.contains(',')) else {
        return Part::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (first.trim().is_empty(), last.trim().is_empty()) {
        (true, true) => Part::Whole,
        (true, false) => match number(last) {
            None => Part::Whole,
            Some(0) => Part::Outside,
            Some(_) if size == 0 => Part::Outside,
            Some(suffix) => Part::Range {
                start: size.saturating_sub(suffix),
                end: size,
            },
        },
        (false, open) => match (number(first), open, number(last)) {
            (None, ..) | (_, false, None) => Part::Whole,
            (Some(start), false, Some(last)) if last < start => Part::Whole,
            (Some(start), ..) if start >= size => Part::Outside,
            (Some(start), true, _) => Part::Range { start, end: size },
            (Some(start), false, Some(last)) => Part::Range {
                start,
                end: last.saturating_add(1).min(size),
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        let range = |start, end| Part::Range { start, end };
        for (text, expected) in [
            ("bytes=0-99", range(0, 100)),
            ("bytes=0-0", range(0, 1)),
            ("bytes=900-", range(900, 1000)),
            ("bytes=-100", range(900, 1000)),
            ("bytes=-5000", range(0, 1000)),
            ("bytes=990-5000", range(990, 1000)),
            ("bytes=0-18446744073709551615", range(0, 1000)),
            ("bytes=1000-", Part::Outside),
            ("bytes=-0", Part::Outside),
            ("bytes=5-1", Part::Whole),
            ("bytes=0-1,5-6", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=-", Part::Whole),
            ("items=0-1", Part::Whole),
        ] {
            assert_eq!(part(text, 1000), expected, "{text}");
        }
        assert_eq!(part("bytes=0-0", 0), Part::Outside);
    }
}
