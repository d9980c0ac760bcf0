//! Damage with a plan: changes that keep a file close enough to sound to get deep into the reader.

use signet::random::{Random, Stream};

/// Random numbers of one iteration: a pure function of seed and iteration.
pub struct Dice {
    random: Random,
    iteration: u64,
    drawn: u64,
}

impl Dice {
    pub fn new(iteration: u64) -> Self {
        Self { random: Random::new(0, Stream::SelfTest), iteration, drawn: 0 }
    }

    /// A number below `bound`, or 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let [word, ..] = self.random.words(self.iteration, self.drawn);
        self.drawn += 1;
        ((u64::from(word) * bound as u64) >> 32) as usize
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Every instruction of a pickle, and some that do not exist.
const OPCODES: &[u8] = b"\x80\x95.(012\x94qrphjgN\x88\x89JKM\x8a\x8bILGF\x8cX\x8dVUTSCB\x8e\x96]ael)t\x85\x86\x87}sud\x8f\x90\x91c\x93Rb\x81\x92ioPQ\x82\x97\x98\xff";

/// Short programs that mean something.
const FRAGMENTS: [&[u8]; 24] = [
    b"cos\nsystem\n",
    b"ctorch._utils\n_rebuild_tensor_v2\n",
    b"ctorch._utils\n_rebuild_parameter\n",
    b"ctorch\nFloatStorage\n",
    b"ctorch\nHalfStorage\n",
    b"ctorch\nLongStorage\n",
    b"ccollections\nOrderedDict\n)R",
    b"ctorch.nn.modules.container\nModuleDict\n)\x81",
    b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n",
    b"ctorch.storage\n_load_from_bytes\n",
    b"cbuiltins\nset\n",
    b"ctorch\nSize\n",
    b"ccopyreg\n_reconstructor\n",
    b"c_codecs\nencode\n",
    b"X\x08\x00\x00\x00_modules",
    b"X\x0b\x00\x00\x00_parameters",
    b"X\x05\x00\x00\x00state",
    b"X\x0c\x00\x00\x00_init_kwargs",
    b"X\x07\x00\x00\x00storage",
    b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19",
    b"J\xff\xff\xff\xff",
    b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"h\x00",
    b"\x85R",
];

/// Values that lengths, counts and offsets go wrong with.
const NUMBERS: [u64; 12] = [
    0,
    1,
    2,
    7,
    0x7f,
    0xff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
];

/// Changes `bytes` in one to four places; `other` lends parts of itself.
pub fn mutate(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        match dice.below(11) {
            0 => change(bytes, at, |b| b ^ (1 << (at % 8))),
            1 => {
                let value = dice.below(256) as u8;
                change(bytes, at, |_| value);
            }
            2 => {
                let code = *dice.pick(OPCODES);
                change(bytes, at, |_| code);
            }
            3 => {
                let code = *dice.pick(OPCODES);
                insert(bytes, at, &[code]);
            }
            4 => insert(bytes, at, dice.pick::<&[u8]>(&FRAGMENTS)),
            5 => {
                let end = at + dice.below(16).min(bytes.len() - at);
                drop(bytes.drain(at..end));
            }
            6 => {
                let part = part_of(bytes, dice, 64).to_vec();
                insert(bytes, at, &part);
            }
            7 => insert(bytes, at, part_of(other, dice, 256)),
            8 => {
                let width = *dice.pick(&[1, 2, 4, 8]);
                let number = dice.pick(&NUMBERS).to_le_bytes();
                overwrite(bytes, at, &number[..width]);
            }
            9 if dice.below(4) == 0 => bytes.truncate(at),
            _ => {
                let part = part_of(bytes, dice, 32).to_vec();
                overwrite(bytes, at, &part);
            }
        }
    }
}

fn change(bytes: &mut [u8], at: usize, to: impl Fn(u8) -> u8) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte = to(*byte);
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    bytes.splice(at..at, part.iter().copied());
}

fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) {
    bytes.iter_mut().skip(at).zip(with).for_each(|(to, from)| *to = *from);
}

fn part_of<'a>(bytes: &'a [u8], dice: &mut Dice, most: usize) -> &'a [u8] {
    let start = dice.below(bytes.len());
    let end = start + dice.below(most).min(bytes.len() - start);
    &bytes[start..end]
}
