//! Python values, and their pickles: just enough of a writer to make files like torch's.

/// A value, or what a pickle would call to make one.
#[derive(Clone, Debug)]
pub enum Py {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    Bytes(Vec<u8>),
    List(Vec<Py>),
    Tuple(Vec<Py>),
    Dict(Vec<(String, Py)>),
    Global(&'static str, &'static str),
    /// `class(*args)`.
    Call(&'static str, &'static str, Vec<Py>),
    /// An instance and its state.
    Built(Box<Py>, Box<Py>),
    Persistent(Box<Py>),
    /// Instructions as they are.
    Raw(Vec<u8>),
}

impl Py {
    pub fn str(text: &str) -> Py {
        Py::Str(text.into())
    }

    pub fn sizes(sizes: &[usize]) -> Py {
        Py::Tuple(sizes.iter().map(|s| Py::Int(*s as i64)).collect())
    }

    pub fn dict<'a>(entries: impl IntoIterator<Item = (&'a str, Py)>) -> Py {
        Py::Dict(entries.into_iter().map(|(k, v)| (k.to_string(), v)).collect())
    }

    /// The whole pickle, in the instructions of protocol 2 (with 4's where the value needs them).
    pub fn pickle(&self) -> Vec<u8> {
        let mut out = vec![0x80, 2];
        self.write(&mut out);
        out.push(b'.');
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Py::None => out.push(b'N'),
            Py::Bool(value) => out.push(if *value { 0x88 } else { 0x89 }),
            Py::Int(value @ 0..=255) => out.extend([b'K', *value as u8]),
            Py::Int(value) => match i32::try_from(*value) {
                Ok(narrow) => {
                    out.push(b'J');
                    out.extend(narrow.to_le_bytes());
                }
                Err(_) => {
                    out.extend([0x8a, 8]);
                    out.extend(value.to_le_bytes());
                }
            },
            Py::Float(value) => {
                out.push(b'G');
                out.extend(value.to_be_bytes());
            }
            Py::Str(text) => counted(out, b'X', text.as_bytes()),
            Py::Bytes(bytes) => counted(out, b'B', bytes),
            Py::List(items) => {
                out.extend(*b"](");
                items.iter().for_each(|item| item.write(out));
                out.push(b'e');
            }
            Py::Tuple(items) => {
                out.push(b'(');
                items.iter().for_each(|item| item.write(out));
                out.push(b't');
            }
            Py::Dict(entries) => {
                out.extend(*b"}(");
                for (key, value) in entries {
                    counted(out, b'X', key.as_bytes());
                    value.write(out);
                }
                out.push(b'u');
            }
            Py::Global(module, name) => out.extend(format!("c{module}\n{name}\n").into_bytes()),
            Py::Call(module, name, args) => {
                Py::Global(module, name).write(out);
                Py::Tuple(args.clone()).write(out);
                out.push(b'R');
            }
            Py::Built(object, state) => {
                object.write(out);
                state.write(out);
                out.push(b'b');
            }
            Py::Persistent(name) => {
                name.write(out);
                out.push(b'Q');
            }
            Py::Raw(bytes) => out.extend(bytes),
        }
    }
}

fn counted(out: &mut Vec<u8>, code: u8, bytes: &[u8]) {
    out.push(code);
    out.extend(u32::try_from(bytes.len()).expect("short").to_le_bytes());
    out.extend(bytes);
}
