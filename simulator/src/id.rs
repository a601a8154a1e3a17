//! Identifiers that look like Kestra's.

/// A generator of ids of 22 letters and digits. Every simulator generates the same sequence, so
/// that tests are reproducible.
#[derive(Debug, Default)]
pub(crate) struct Ids(u64);

impl Ids {
    /// The next id.
    pub(crate) fn next(&mut self) -> String {
        const ALPHABET: &[u8; 62] =
            b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        self.0 += 1;
        let mut bits = u128::from(mix(self.0)) << 64 | u128::from(mix(!self.0));
        // Never more than 2^128 - 1 < 8 * 62^21: the first character stays below 8.
        let mut text = Vec::with_capacity(22);
        for _ in 0..22 {
            let digit = usize::try_from(bits % 62).unwrap_or(0);
            text.push(char::from(ALPHABET.get(digit).copied().unwrap_or(b'0')));
            bits /= 62;
        }
        text.iter().rev().collect()
    }
}

/// The finalizer of splitmix64, which scatters consecutive numbers.
fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
