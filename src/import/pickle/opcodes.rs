//! The instructions of a pickle, by the names that Python's `pickletools` gives them.

macro_rules! opcodes {
    ($($name:ident = $byte:literal),* $(,)?) => { $(pub const $name: u8 = $byte;)* };
}

opcodes! {
    // Frame
    PROTO = 0x80, FRAME = 0x95, STOP = b'.',
    // Stack and memo
    MARK = b'(', POP = b'0', POP_MARK = b'1', DUP = b'2',
    MEMOIZE = 0x94, BINPUT = b'q', LONG_BINPUT = b'r', PUT = b'p',
    BINGET = b'h', LONG_BINGET = b'j', GET = b'g',
    // Plain values
    NONE = b'N', NEWTRUE = 0x88, NEWFALSE = 0x89,
    BININT = b'J', BININT1 = b'K', BININT2 = b'M', LONG1 = 0x8a, LONG4 = 0x8b,
    INT = b'I', LONG = b'L', BINFLOAT = b'G', FLOAT = b'F',
    SHORT_BINUNICODE = 0x8c, BINUNICODE = b'X', BINUNICODE8 = 0x8d, UNICODE = b'V',
    SHORT_BINSTRING = b'U', BINSTRING = b'T', STRING = b'S',
    SHORT_BINBYTES = b'C', BINBYTES = b'B', BINBYTES8 = 0x8e, BYTEARRAY8 = 0x96,
    // Containers
    EMPTY_LIST = b']', APPEND = b'a', APPENDS = b'e', LIST = b'l',
    EMPTY_TUPLE = b')', TUPLE = b't', TUPLE1 = 0x85, TUPLE2 = 0x86, TUPLE3 = 0x87,
    EMPTY_DICT = b'}', SETITEM = b's', SETITEMS = b'u', DICT = b'd',
    EMPTY_SET = 0x8f, ADDITEMS = 0x90, FROZENSET = 0x91,
    // Names and what is made by them
    GLOBAL = b'c', STACK_GLOBAL = 0x93, REDUCE = b'R', BUILD = b'b',
    NEWOBJ = 0x81, NEWOBJ_EX = 0x92, INST = b'i', OBJ = b'o',
    PERSID = b'P', BINPERSID = b'Q',
}
