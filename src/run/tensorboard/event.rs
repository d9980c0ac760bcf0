//! The messages of an event file: `Event`, `Summary`, its values and images, as TensorBoard's protobuf
//! files number their fields.

use super::wire::{Value as Field, Writer, fields};

/// The version that tells readers to heed `What::Start`.
const FILE_VERSION: &str = "brain.Event:2";
/// `SessionLog.SessionStatus.START`.
const START: u64 = 1;
/// `Image.colorspace` of RGB.
const RGB: u64 = 3;

/// One record.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Seconds since 1970.
    pub wall_time: f64,
    pub step: u64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The first record of every file.
    Version,
    /// Whoever has read events of this step or later is to forget them.
    Start,
    Values(Vec<Value>),
}

/// A named number or picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    pub tag: String,
    pub data: Data,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    Scalar(f32),
    Image { width: u32, height: u32, png: Vec<u8> },
}

impl Event {
    pub fn encode(&self) -> Vec<u8> {
        let event = Writer::default().double(1, self.wall_time).varint(2, self.step);
        let event = match &self.what {
            What::Version => event.bytes(3, FILE_VERSION.as_bytes()),
            What::Start => event.bytes(7, &Writer::default().varint(1, START).0),
            What::Values(values) => {
                let summary = Writer::default();
                event.bytes(5, &values.iter().fold(summary, |s, value| s.bytes(1, &value.encode())).0)
            }
        };
        event.0
    }

    /// None where the bytes are no event of ours.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (mut wall_time, mut step, mut what) = (0.0, 0, None);
        for (field, value) in fields(bytes)? {
            match (field, value) {
                (1, Field::Double(secs)) => wall_time = secs,
                (2, Field::Varint(n)) => step = n,
                (3, Field::Bytes(version)) if version == FILE_VERSION.as_bytes() => {
                    what = Some(What::Version);
                }
                (5, Field::Bytes(summary)) => {
                    let values = fields(summary)?.into_iter().filter(|(field, _)| *field == 1);
                    what = Some(What::Values(
                        values.map(|(_, v)| Value::decode(v.bytes()?)).collect::<Option<_>>()?,
                    ));
                }
                (7, Field::Bytes(session)) if fields(session)?.contains(&(1, Field::Varint(START))) => {
                    what = Some(What::Start);
                }
                _ => {}
            }
        }
        Some(Self { wall_time, step, what: what? })
    }
}

impl Value {
    fn encode(&self) -> Vec<u8> {
        let value = Writer::default().bytes(1, self.tag.as_bytes());
        let value = match &self.data {
            Data::Scalar(x) => value.float(2, *x),
            Data::Image { width, height, png } => {
                let image = Writer::default().varint(1, u64::from(*height)).varint(2, u64::from(*width));
                value.bytes(4, &image.varint(3, RGB).bytes(4, png).0)
            }
        };
        value.0
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (mut tag, mut data) = (None, None);
        for (field, value) in fields(bytes)? {
            match (field, value) {
                (1, text) => tag = text.text(),
                (2, Field::Float(x)) => data = Some(Data::Scalar(x)),
                (4, Field::Bytes(image)) => data = Some(image_of(image)?),
                _ => {}
            }
        }
        Some(Self { tag: tag?, data: data? })
    }
}

fn image_of(bytes: &[u8]) -> Option<Data> {
    let (mut width, mut height, mut png) = (0, 0, Vec::new());
    for (field, value) in fields(bytes)? {
        match (field, value) {
            (1, Field::Varint(n)) => height = u32::try_from(n).ok()?,
            (2, Field::Varint(n)) => width = u32::try_from(n).ok()?,
            (4, Field::Bytes(encoded)) => png = encoded.to_vec(),
            _ => {}
        }
    }
    Some(Data::Image { width, height, png })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_back_as_they_were() {
        let image = Data::Image { width: 640, height: 480, png: vec![1, 2, 3] };
        let values = vec![
            Value { tag: "sign/rec".into(), data: Data::Scalar(0.25) },
            Value { tag: "sign/samples".into(), data: image },
        ];
        for what in [What::Version, What::Start, What::Values(values), What::Values(Vec::new())] {
            let event = Event { wall_time: 1.75e9, step: 1 << 40, what };
            assert_eq!(Event::decode(&event.encode()), Some(event));
        }
        assert_eq!(Event::decode(b"no event"), None);
    }

    /// Byte for byte what protobuf makes of `Event(wall_time=1, step=2, summary=Summary(value=[
    /// Summary.Value(tag="a", simple_value=1)]))`.
    #[test]
    fn a_scalar_is_written_as_protobuf_writes_it() {
        let values = vec![Value { tag: "a".into(), data: Data::Scalar(1.0) }];
        let event = Event { wall_time: 1.0, step: 2, what: What::Values(values) };
        let want = b"\x09\0\0\0\0\0\0\xf0\x3f\x10\x02\x2a\x0a\x0a\x08\x0a\x01a\x15\0\0\x80\x3f";
        assert_eq!(event.encode(), want);
    }
}
