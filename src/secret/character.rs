//! How single characters of a form compare.

/// One character for all that may stand for one another at the beginning of a form.
pub(super) const fn alike(c: char) -> char {
    match c {
        ' ' | '-' => '+',
        '_' => '/',
        other => other,
    }
}

/// Whether a byte can only be read as itself.
pub(super) const fn is_ordinary(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'%' && byte != b'\\'
}
