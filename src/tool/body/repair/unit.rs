//! The bytes of one unit of a text.

/// The longest unit of a text: the escapes of two surrogates.
pub(super) const UNIT: usize = 12;

/// Bytes on their way to the reader.
#[derive(Default)]
pub(super) struct Unit {
    bytes: [u8; UNIT],
    next: usize,
    end: usize,
}

impl Unit {
    pub(super) fn put(&mut self, bytes: impl IntoIterator<Item = u8>) {
        (self.next, self.end) = (0, 0);
        for (place, byte) in self.bytes.iter_mut().zip(bytes) {
            *place = byte;
            self.end += 1;
        }
    }

    pub(super) fn take(&mut self) -> Option<u8> {
        let byte = (self.next < self.end).then(|| self.bytes.get(self.next).copied())?;
        self.next += 1;
        byte
    }
}
