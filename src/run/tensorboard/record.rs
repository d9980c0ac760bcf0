//! Records of an event file: length, its checksum, bytes, their checksum; numbers little-endian.

use std::io::{ErrorKind, Read, Result};

use super::crc32c::masked;
use crate::plain_file::limits;

/// `bytes` as one record.
pub fn frame(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(bytes.len() + 16);
    record.extend_from_slice(&length);
    record.extend_from_slice(&masked(&length).to_le_bytes());
    record.extend_from_slice(bytes);
    record.extend_from_slice(&masked(bytes).to_le_bytes());
    record
}

/// The next record's bytes; none at the end, which is also where a record is torn or damaged: nothing
/// after it can be found again.
pub fn next(reader: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    if !fill(reader, &mut length)? || !checks(reader, &length)? {
        return Ok(None);
    }
    let length = u64::from_le_bytes(length);
    // Longer records are not ours: the length that says so is damaged.
    if length > limits::RECORD {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    // A damaged length takes no memory before the bytes are there.
    reader.by_ref().take(length).read_to_end(&mut bytes)?;
    let whole = bytes.len() as u64 == length && checks(reader, &bytes)?;
    Ok(whole.then_some(bytes))
}

fn checks(reader: &mut impl Read, bytes: &[u8]) -> Result<bool> {
    let mut sum = [0; 4];
    Ok(fill(reader, &mut sum)? && u32::from_le_bytes(sum) == masked(bytes))
}

/// Whether there were as many bytes.
fn fill(reader: &mut impl Read, bytes: &mut [u8]) -> Result<bool> {
    match reader.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_up_to_the_first_that_is_torn_or_damaged() {
        let records = [frame(b"one"), frame(b""), frame(&[7; 300])];
        let file = records.concat();
        let read = |file: &[u8]| {
            let (mut rest, mut all) = (file, Vec::new());
            while let Some(bytes) = next(&mut rest).expect("memory can be read") {
                all.push(bytes);
            }
            all
        };
        assert_eq!(read(&file), [b"one".to_vec(), Vec::new(), vec![7; 300]]);
        let ends: Vec<usize> = records
            .iter()
            .scan(0, |sum, r| {
                *sum += r.len();
                Some(*sum)
            })
            .collect();
        for cut in 0..file.len() {
            assert_eq!(read(&file[..cut]).len(), ends.iter().filter(|end| **end <= cut).count(), "{cut}");
        }
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 0x10;
            assert_eq!(read(&damaged).len(), ends.iter().filter(|end| **end <= at).count(), "{at}");
        }
    }
}
