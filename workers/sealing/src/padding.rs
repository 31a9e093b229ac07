//! Hides a value's length: the padded form is its length, the value, and zeros up to a multiple of [`PADDING`].

use gateway_protocol::sealing::{LENGTH_BYTES, MAX_SECRET_BYTES, PADDING};
use zeroize::Zeroizing;

use crate::SealingError;

/// Pads a value.
///
/// # Errors
/// [`SealingError::TooLong`].
pub(crate) fn pad(value: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    let length = u16::try_from(value.len()).map_err(|_| SealingError::TooLong)?;
    if value.len() > MAX_SECRET_BYTES {
        return Err(SealingError::TooLong);
    }
    let whole = value.len().saturating_add(LENGTH_BYTES).next_multiple_of(PADDING);
    // Allocated at full size: a growing buffer would leave copies behind.
    let mut padded = Zeroizing::new(Vec::with_capacity(whole));
    padded.extend_from_slice(&length.to_be_bytes());
    padded.extend_from_slice(value);
    padded.resize(whole, 0);
    Ok(padded)
}

/// Returns the value that was padded.
///
/// # Errors
/// [`SealingError::Ciphertext`] when the padding is malformed.
pub(crate) fn unpad(padded: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    let (length, rest) = padded.split_first_chunk::<LENGTH_BYTES>().ok_or(SealingError::Ciphertext)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (value, zeros) = rest.split_at_checked(length).ok_or(SealingError::Ciphertext)?;
    let whole = length.saturating_add(LENGTH_BYTES).next_multiple_of(PADDING);
    if padded.len() != whole || zeros.iter().any(|byte| *byte != 0) {
        return Err(SealingError::Ciphertext);
    }
    Ok(Zeroizing::new(value.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_and_its_length_is_hidden_up_to_the_padding() {
        for (length, padded) in
            [(0, 64), (1, 64), (62, 64), (63, 128), (MAX_SECRET_BYTES, MAX_SECRET_BYTES + 2)]
        {
            let value = vec![7; length];
            let hidden = pad(&value).unwrap();
            assert_eq!(hidden.len(), padded, "{length}");
            assert_eq!(*unpad(&hidden).unwrap(), value);
        }
        assert_eq!(pad(&vec![7; MAX_SECRET_BYTES + 1]).err(), Some(SealingError::TooLong));
    }

    #[test]
    fn only_one_padding_of_a_value_is_read() {
        let mut long = pad(b"a").unwrap().to_vec();
        long.extend_from_slice(&[0; 64]);
        let mut dirty = pad(b"a").unwrap().to_vec();
        dirty[9] = 1;
        for padded in [&long[..], &dirty, &[], &[0], &[0, 9, 1], &[255; 64]] {
            assert_eq!(unpad(padded).err(), Some(SealingError::Ciphertext), "{padded:?}");
        }
    }
}
