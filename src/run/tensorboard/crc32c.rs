//! CRC-32C (Castagnoli), the checksum of event files' records.

/// The polynomial with its bits reversed: bytes go in lowest bit first.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// What each byte does to the remainder.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let (mut remainder, mut bit) = (byte as u32, 0);
        while bit < 8 {
            let carry = if remainder & 1 == 1 { POLYNOMIAL } else { 0 };
            remainder = (remainder >> 1) ^ carry;
            bit += 1;
        }
        table[byte] = remainder;
        byte += 1;
    }
    table
};

pub fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| TABLE[((crc ^ u32::from(*byte)) & 0xff) as usize] ^ (crc >> 8);
    !bytes.iter().fold(!0, step)
}

/// The checksum as records hold it: rotated and moved, because a checksum over bytes that hold
/// checksums themselves would be weak.
pub fn masked(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of the catalogue of CRCs, and the vectors of RFC 3720, B.4.
    #[test]
    fn known_answers() {
        let rising: Vec<u8> = (0..32).collect();
        let falling: Vec<u8> = (0..32).rev().collect();
        for (bytes, want) in [
            (&b"123456789"[..], 0xe306_9283),
            (&b""[..], 0),
            (&[0; 32][..], 0x8a91_36aa),
            (&[0xff; 32][..], 0x62a8_ab43),
            (&rising[..], 0x46dd_794e),
            (&falling[..], 0x113f_db5c),
        ] {
            assert_eq!(crc32c(bytes), want, "{bytes:?}");
        }
    }

    #[test]
    fn the_mask_rotates_and_adds() {
        // 0xe3069283: the low 15 bits 0x1283 come to the top, 0xe3069283 >> 15 = 0x1c60d below them.
        assert_eq!(masked(b"123456789"), 0x2507_c60d_u32.wrapping_add(0xa282_ead8));
    }
}
