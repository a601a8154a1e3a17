//! Lines that show what they hold: whatever stands in an event, it is one line, and nothing in it is
//! hidden from who reads it or drives their terminal.

use std::io;

use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use crate::secret::visible;

/// Makes writers of such lines for those of another.
pub(super) struct Plain<W>(pub(super) W);

/// Writes an event a call, as the formatter does.
pub(super) struct Line<W>(W);

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for Plain<W> {
    type Writer = Line<W::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        Line(self.0.make_writer())
    }

    fn make_writer_for(&'w self, metadata: &Metadata<'_>) -> Self::Writer {
        Line(self.0.make_writer_for(metadata))
    }
}

impl<W: io::Write> io::Write for Line<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let (line, end) = match text.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (&*text, ""),
        };
        let line = visible(line).replace(['\n', '\u{2028}', '\u{2029}'], "\\n");
        self.0.write_all(format!("{line}{end}").as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
