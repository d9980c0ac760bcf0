//! Pictures that are small on disk and vast in memory.

use std::io::Write;

use crate::memory;

/// A black picture of one bit a pixel.
fn black_png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().expect("a header");
    let mut rows = writer.stream_writer().expect("rows");
    let row = vec![0; width.div_ceil(8) as usize];
    (0..height).for_each(|_| rows.write_all(&row).expect("a row"));
    rows.finish().expect("the end of the picture");
    drop(writer);
    bytes
}

/// What is refused is refused by its header; what is not stays within what a photograph may take.
#[test]
fn a_vast_picture_takes_no_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("black.png");
    for (width, height, most) in
        [(20_000, 20_000, 8 << 20), (16_000, 16_000, 8 << 20), (9_000, 9_000, 512 << 20)]
    {
        let bytes = black_png(width, height);
        assert!(bytes.len() < 1 << 20, "{} bytes are no small file", bytes.len());
        std::fs::write(&path, &bytes).expect("a file");
        let (picture, held) = memory::peak_of(|| signet::data::open_picture(&path).map(|p| p.dimensions()));
        assert!(held < most, "{width}×{height}: {} MiB", held >> 20);
        match picture {
            Ok(size) => assert_eq!((size, width), ((9_000, 9_000), 9_000)),
            Err(error) => assert!(error.what.contains("too large"), "{error}"),
        }
    }
}
