//! The layer that writes lines: text for a terminal, or one JSON object a line for a machine.

use std::fmt::Write as _;
use std::io::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::field::Fields;

/// Longest text of one field; the rest is cut off.
const MOST_BYTES: usize = 16 << 10;

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people: time, level, where from, message, fields.
    #[default]
    Text,
    /// For machines: one JSON object a line.
    Json,
}

pub(crate) struct Output<W> {
    format: LogFormat,
    colour: bool,
    writer: W,
}

impl<W> Output<W> {
    pub(crate) fn new(format: LogFormat, colour: bool, writer: W) -> Self {
        Self { format, colour, writer }
    }
}

impl<S, W> Layer<S> for Output<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().replace(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        // Fields of spans follow, those of the outermost first; an event's own win.
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                for (name, value) in &of_span.0 {
                    fields.0.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        let message = match fields.0.shift_remove("message") {
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
            None => String::new(),
        };
        fields.0.values_mut().for_each(shorten);
        let metadata = event.metadata();
        let time = format!("{:.3}", Timestamp::now());
        let mut line = match self.format {
            LogFormat::Json => json(&time, *metadata.level(), metadata.target(), message, fields.0),
            LogFormat::Text => self.text(&time, *metadata.level(), metadata.target(), &message, &fields.0),
        };
        line.push('\n');
        // There is nobody to tell that standard error is gone.
        let _ = self.writer.make_writer_for(metadata).write_all(line.as_bytes());
    }
}

fn json(time: &str, level: Level, target: &str, message: String, fields: Map<String, Value>) -> String {
    let mut object = Map::new();
    object.insert("timestamp".to_owned(), time.into());
    object.insert("level".to_owned(), level.as_str().to_ascii_lowercase().into());
    object.insert("target".to_owned(), target.into());
    object.insert("message".to_owned(), message.into());
    for (name, value) in fields {
        object.entry(name).or_insert(value);
    }
    Value::Object(object).to_string()
}

impl<W> Output<W> {
    fn text(&self, time: &str, level: Level, target: &str, message: &str, fields: &Map<String, Value>) -> String {
        let (dim, strong, end) = if self.colour { ("\x1b[2m", colour_of(level), "\x1b[0m") } else { ("", "", "") };
        let mut line = format!("{dim}{time}{end} {strong}{:<5}{end} {dim}{target}:{end} ", level.as_str());
        push_escaped(&mut line, message);
        for (name, value) in fields {
            let _ = write!(line, " {dim}{name}={end}");
            match value {
                Value::String(text) if !text.is_empty() && !text.contains([' ', '"', '=']) => {
                    push_escaped(&mut line, text)
                }
                Value::String(text) => {
                    line.push('"');
                    push_escaped(&mut line, &text.replace('"', "\\\""));
                    line.push('"');
                }
                other => {
                    let _ = write!(line, "{other}");
                }
            }
        }
        line
    }
}

fn colour_of(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[1;31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[35m",
    }
}

/// Adds text without the control characters by which it could pass for another line or colour the terminal.
fn push_escaped(line: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\n' => line.push_str("\\n"),
            other if other.is_control() => line.extend(other.escape_default()),
            other => line.push(other),
        }
    }
}

fn shorten(value: &mut Value) {
    if let Value::String(text) = value
        && text.len() > MOST_BYTES
    {
        text.truncate(text.floor_char_boundary(MOST_BYTES));
        text.push('…');
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};
    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::{LogFormat, Output};
    use crate::{Secret, filter, request_span};

    /// A writer that keeps what is written.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no writer panicked").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'writer> MakeWriter<'writer> for Kept {
        type Writer = Self;

        fn make_writer(&'writer self) -> Self {
            self.clone()
        }
    }

    /// What is logged while something runs.
    pub(crate) fn logged(format: LogFormat, colour: bool, level: &str, run: impl FnOnce()) -> String {
        let kept = Kept::default();
        let subscriber = tracing_subscriber::registry()
            .with(filter::parse(level).expect("the level is valid"))
            .with(Output::new(format, colour, kept.clone()));
        tracing::subscriber::with_default(subscriber, run);
        let bytes = kept.0.lock().expect("no writer panicked").clone();
        String::from_utf8(bytes).expect("lines are text")
    }

    fn speak() {
        let _request = request_span("r1").entered();
        let call = tracing::info_span!("call", plugin.id = "openapi", found = tracing::field::Empty).entered();
        call.record("found", 3);
        let secret = Secret::new("hush".to_owned());
        tracing::warn!(
            target: "host_plugins",
            { size.bytes = 7, note = "a \"b\"\nc", header = ?secret, api_token = "hush" },
            "call\nslow"
        );
        tracing::debug!("not written at info");
    }

    #[test]
    fn json_is_one_object_a_line() {
        let text = logged(LogFormat::Json, false, "info", speak);
        assert_eq!(text.lines().count(), 1);
        let mut line: Value = serde_json::from_str(&text).expect("the line is JSON");
        let time = line.as_object_mut().and_then(|line| line.remove("timestamp")).expect("it has a time");
        assert!(time.as_str().is_some_and(|time| time.len() == 24 && time.ends_with('Z')), "{time}");
        let expected = json!({
            "level": "warn", "target": "host_plugins", "message": "call\nslow", "size.bytes": 7, "note": "a \"b\"\nc",
            "header": "***", "api_token": "***", "request.id": "r1", "plugin.id": "openapi", "found": 3,
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn text_is_one_line_without_colour() {
        let text = logged(LogFormat::Text, false, "info", speak);
        let (_, rest) = text.split_once(' ').expect("the time is first");
        let expected = "WARN  host_plugins: call\\nslow size.bytes=7 note=\"a \\\"b\\\"\\nc\" header=*** api_token=*** \
                        request.id=r1 plugin.id=openapi found=3\n";
        assert_eq!(rest, expected);
    }

    #[test]
    fn colour_is_only_added() {
        let text = logged(LogFormat::Text, true, "info", || tracing::info!(target: "t", "\x1b[31mred"));
        assert!(text.contains("\x1b[32mINFO \x1b[0m"));
        assert!(text.contains("\\u{1b}[31mred"));
    }

    #[test]
    fn long_fields_are_cut() {
        let text = logged(LogFormat::Json, false, "info", || tracing::info!(long = "ü".repeat(100_000), "m"));
        assert!(text.len() < 20_000);
    }

    #[test]
    fn debug_is_ours_alone() {
        let text = logged(LogFormat::Text, false, "debug", || {
            tracing::debug!(target: "host_store::writer", "ours");
            tracing::debug!(target: "hyper::client", "theirs");
        });
        assert!(text.contains("ours") && !text.contains("theirs"));
    }
}
